/** Ports for tests of the shells that need not be watched. */
import type { Facts, Log } from '../../src/ports/log.ts';

/** A log that keeps what it is told. */
export class KeptLog implements Log {
  readonly errors: { readonly event: string; readonly facts: Facts | undefined }[] = [];

  info(): void {}

  warn(): void {}

  error(event: string, facts?: Facts): void {
    this.errors.push({ event, facts });
  }
}

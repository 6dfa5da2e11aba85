/** Ports for tests of the shells that need not be watched. */
import type { Facts, Log } from '../../src/ports/log.ts';

interface Line {
  readonly event: string;
  readonly facts: Facts | undefined;
}

/** A log that keeps what it is told. */
export class KeptLog implements Log {
  readonly errors: Line[] = [];
  /** Of every level. */
  readonly lines: Line[] = [];

  info(event: string, facts?: Facts): void {
    this.lines.push({ event, facts });
  }

  warn(event: string, facts?: Facts): void {
    this.lines.push({ event, facts });
  }

  error(event: string, facts?: Facts): void {
    this.errors.push({ event, facts });
    this.lines.push({ event, facts });
  }
}

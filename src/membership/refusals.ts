/**
 * Why this node must not serve, in words for its operator (M4). One that serves already goes on, and says it
 * once: a newcomer's mistake stops nobody.
 */
import { StartUpError } from '../base/errors.ts';
import type { NodeName } from '../base/ids.ts';
import type { Reports } from './reports.ts';

export interface RefusalsParts {
  readonly self: NodeName;
  readonly reports: Reports;
  readonly serves: () => boolean;
  readonly onRefused: (error: StartUpError) => void;
}

export class Refusals {
  readonly #parts: RefusalsParts;

  constructor(parts: RefusalsParts) {
    this.#parts = parts;
  }

  /** Another process under its name answers there. */
  twin(address: string): void {
    this.refuse(`node ${this.#parts.self} is already running at ${address}`, {
      advice: 'stop it, or give this node another --name and --data',
    });
  }

  /** Others take a process there for this node, which serves. */
  succeeded(address: string): void {
    this.#parts.reports.warn(`another process has taken the name of ${this.#parts.self} at ${address}`, {
      advice: 'stop the one that is not wanted; this one is not listened to until that one is down',
    });
  }

  unwritten(cause: unknown): void {
    this.refuse(`what the nodes agreed on cannot be written down: ${String(cause)}`, {
      advice: 'mend the disk, then start the node again',
      cause,
    });
  }

  refuse(problem: string, { advice, cause }: { advice: string; cause?: unknown }): void {
    const { serves, reports, onRefused } = this.#parts;
    if (serves()) reports.warn(problem, { advice });
    else onRefused(new StartUpError(problem, { advice, cause }));
  }
}

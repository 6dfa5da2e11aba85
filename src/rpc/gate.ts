/**
 * How much a door lets in at once (I10: no queue without a bound). What does not get in is told at once and cheaply: a node
 * that works off requests nobody waits for any more never gets well again (TRAPS O1, O3).
 */
import { ShoalError } from '../base/errors.ts';

export interface GateLimits {
  readonly calls: number;
  /** Of values and records that calls under way have brought. */
  readonly bytes: number;
}

export class Gate {
  readonly #limits: GateLimits;
  #calls = 0;
  #bytes = 0;
  #closed = false;

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  /**
   * A call that brings this many bytes has entered, and must leave.
   * @throws ShoalError OVERLOADED, DRAINING: it has not
   */
  enter(bytes: number): void {
    if (this.#closed) throw new ShoalError('DRAINING', 'this node is shutting down; ask another one');
    if (this.#calls >= this.#limits.calls || this.#bytes + bytes > this.#limits.bytes) {
      throw new ShoalError('OVERLOADED', 'this node has as much under way as it can bear; try again soon');
    }
    this.#calls += 1;
    this.#bytes += bytes;
  }

  leave(bytes: number): void {
    this.#calls -= 1;
    this.#bytes -= bytes;
  }

  /** Nobody enters any more. */
  close(): void {
    this.#closed = true;
  }
}

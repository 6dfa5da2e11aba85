/** A call that was served, for oracles, and how the methods behind a door are made to tell of each. */
import type { Call } from '../../../src/ports/call.ts';
import type { Carriage } from '../../../src/rpc/answering.ts';
import type { Method } from '../../../src/rpc/serving.ts';
import type { Process } from '../time/process.ts';

export interface ServedCall {
  /** `Apply`, `Put` … */
  readonly method: string;
  readonly node: string;
  /** When its handler began; by the clock of the process that served it, as all of these. */
  readonly arrivedAt: number;
  /** The handler's: what its door keeps for the way of the answer is off already. */
  readonly deadline: number;
  readonly endedAt: number;
  /** How long the process stood still in between, true ms. */
  readonly pausedMs: number;
}

export interface Watch {
  readonly process: Process;
  /** Its handler begins. */
  readonly onArrived: (method: string, message: unknown) => void;
  readonly onServed: (served: ServedCall) => void;
}

export function watchedMethod(method: Method<unknown, unknown>, watch: Watch): Method<unknown, unknown> {
  const { process, onArrived, onServed } = watch;
  const answer = async (message: unknown, call: Call) => {
    const arrivedAt = process.clock.now();
    const pausedBefore = process.pausedMs;
    onArrived(method.name, message);
    try {
      return await method.answer(message, call);
    } finally {
      const [endedAt, pausedMs] = [process.clock.now(), process.pausedMs - pausedBefore];
      const { deadline } = call;
      if (process.alive)
        onServed({ method: method.name, node: process.name, arrivedAt, deadline, endedAt, pausedMs });
    }
  };
  return { ...method, answer };
}

export function watchedCarriages(
  carriages: ReadonlyMap<number, Carriage>,
  watch: Watch,
): ReadonlyMap<number, Carriage> {
  const watched = (carriage: Carriage) => ({ ...carriage, method: watchedMethod(carriage.method, watch) });
  return new Map([...carriages].map(([number, carriage]) => [number, watched(carriage)]));
}

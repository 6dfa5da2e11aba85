/** Tells of each client's request, and how long it took while somebody wants to know. */
import type { Clock } from '../ports/clock.ts';
import type { Requests } from '../ports/requests.ts';

export interface Listener {
  /** Wants to know how long requests take. */
  readonly active: boolean;
  asked(): void;
  served(ms: number): void;
}

export function timed(requests: Requests, clock: Clock, listener: Listener): Requests {
  const measured = <T>(run: () => Promise<T>): Promise<T> => {
    listener.asked();
    if (!listener.active) return run();
    const began = clock.now();
    const answer = run();
    const told = () => listener.served(clock.now() - began);
    answer.then(told, told);
    return answer;
  };
  return {
    get: (request, call) => measured(() => requests.get(request, call)),
    put: (request, call) => measured(() => requests.put(request, call)),
    delete: (request, call) => measured(() => requests.delete(request, call)),
  };
}

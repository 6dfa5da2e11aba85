/**
 * A replay, seen from outside. The seed runs in a process of its own, which writes its log itself: should it
 * end that process, this one is left to say so; should it never end, this one says now and then that it still
 * waits. It sets no limit, because a log read in a pager takes as long as its reader does.
 */
import type { WorkerProcess } from './worker-process.ts';

interface Parts {
  readonly worker: Pick<WorkerProcess, 'run' | 'end'>;
  /** Not where the log goes. */
  readonly complain: (text: string) => unknown;
  readonly everyMs?: number;
}

const EVERY_MS = 30_000;

/** Whether all held. */
export async function watchReplay(
  seed: number,
  { worker, complain, everyMs = EVERY_MS }: Parts,
): Promise<boolean> {
  let waitedMs = 0;
  const waiting = setInterval(() => {
    waitedMs += everyMs;
    complain(`seed ${seed} has not ended after ${waitedMs / 1000} s; Ctrl-C ends it\n`);
  }, everyMs);
  const answer = await worker.run({ seed, twice: true, explain: false, replay: true });
  clearInterval(waiting);
  worker.end();
  if (answer.kind === 'crashed') complain(`seed ${seed} crashed: ${answer.text}\n`);
  return answer.kind === 'held';
}

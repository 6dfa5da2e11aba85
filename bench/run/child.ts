/**
 * A process that this one has forked: one message at a time, and none outlives its parent, for its channel
 * ends with it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, Job } from './jobs.ts';
import type { Measured } from './measured.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** One that works off jobs. */
export class Worker {
  /** Not as JSON, which has no Infinity. */
  readonly #child: ChildProcess = fork(at('./worker.js'), { serialization: 'advanced' });

  /** Rejects with what went wrong in it, or when it has ended. */
  async measure(job: Job): Promise<Measured> {
    const answer = nextMessage<Answer>(this.#child);
    this.#child.send(job, () => {}); // to one that has ended: nextMessage tells
    const told = await answer;
    if ('failure' in told) throw new Error(told.failure);
    return told.measured;
  }

  end(): Promise<void> {
    return endOf(this.#child);
  }
}

/** One that echoes. */
export class EchoServer {
  readonly port: number;
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    this.pid = child.pid!;
  }

  static async start(): Promise<EchoServer> {
    const child = fork(at('../echo/server.js'));
    const { port } = await nextMessage<{ port: number }>(child);
    return new EchoServer(child, port);
  }

  end(): Promise<void> {
    return endOf(this.#child);
  }
}

async function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  if (hasEnded(child)) throw new Error('this process of the bench has ended already');
  const told = new AbortController();
  const { signal } = told;
  const gone = once(child, 'exit', { signal }).then(([code, killer]) => {
    throw new Error(`a process of the bench ended with ${killer ?? `status ${code}`}`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), gone]);
    return message as Message;
  } finally {
    gone.catch(() => {});
    told.abort();
  }
}

async function endOf(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

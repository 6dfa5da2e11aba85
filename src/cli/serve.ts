/**
 * The life of a node process: start, tell who is awaited, say that it serves, wait until told to end, drain
 * and close. A disk that fails on the way does not end it: it goes on reading (DESIGN §9), which its own log
 * and its status say.
 */
import { StartUpError } from '../base/errors.ts';
import type { Cluster } from '../core/membership/cluster.ts';
import type { Log } from '../ports/log.ts';
import type { Overview } from '../ports/overview.ts';
import { StoreFailed } from '../ports/store.ts';
import { createLog } from '../system/log.ts';
import { type Assembled, assemble } from './assemble.ts';
import { CommandFailed, EXIT, oneLine } from './exit.ts';
import type { Io } from './io.ts';
import { News } from './news.ts';
import type { NodeFlags } from './node-flags.ts';
import { toldToEnd } from './told-to-end.ts';

/** For what is under way when the node is told to end; new requests are sent elsewhere from then on. */
const GRACE_MS = 5_000;
/** Often enough for somebody who sits and waits. */
const AWAITED_EVERY_MS = 3_000;
/** Seldom enough for a log that says the same once more. */
const AWAITED_AGAIN_MS = 30_000;

/**
 * Resolves when the node was told to end and has closed. Rejects with CommandFailed when it cannot start, or
 * must not serve.
 */
export async function serve(flags: NodeFlags, io: Io): Promise<void> {
  const told = toldToEnd({ parentPipe: flags.parentPipe === true });
  const log = createLog({ form: flags.log ?? (process.stderr.isTTY ? 'text' : 'json'), self: flags.name });
  try {
    await live({ flags, log, told, io });
  } catch (error) {
    const foreseen = error instanceof StartUpError || error instanceof StoreFailed;
    throw foreseen ? new CommandFailed(EXIT.error, `shoal: ${oneLine(error.message)}`) : error;
  }
}

interface Life {
  readonly flags: NodeFlags;
  readonly log: Log;
  /** Resolves with the reason when the node shall end. */
  readonly told: Promise<string>;
  readonly io: Io;
}

async function live({ flags, log, told, io }: Life): Promise<void> {
  const serving = deferred<Cluster>();
  const refused = deferred<never>();
  const assembled = await assemble({ flags, log, onServing: serving.resolve, onRefused: refused.reject });
  void serving.promise.then(cluster => {
    assembled.clients.setServing(true);
    io.out(readyLine(flags, cluster));
  });
  const stopTelling = tellAwaited(assembled.node.overview, log);
  try {
    assembled.node.start();
    log.info('ending', { why: await Promise.race([told, refused.promise]) });
  } finally {
    stopTelling();
    await end(assembled);
  }
  log.info('ended cleanly');
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Other nodes may cause an event while this one is still being assembled: it is kept, and no rejection goes
 * unheard.
 */
function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}

/**
 * Requests first, since they still need the other nodes; then the store, with the mark that says all is in
 * it.
 */
async function end({ node, clients, peers, floor }: Assembled): Promise<void> {
  node.drain();
  await Promise.all([clients.close(GRACE_MS), peers.close(GRACE_MS)]);
  await node.close();
  floor.close();
}

function readyLine({ name, listen, peerListen }: NodeFlags, { id }: Cluster): string {
  return `${name} serves clients on ${listen}, nodes on ${peerListen}, cluster ${id}\n`;
}

/** While it waits for others, says for whom; returns what ends that. */
function tellAwaited(overview: Overview, log: Log): () => void {
  const news = new News(AWAITED_AGAIN_MS);
  const timer = setInterval(() => {
    const { state, awaited } = overview.status();
    if (state !== 'waiting') clearInterval(timer);
    else if (news.worthSaying(awaited.join('\n'), performance.now())) log.info('waiting', { awaited });
  }, AWAITED_EVERY_MS);
  return () => clearInterval(timer);
}

/** Keeps the history while it is made, tells the oracles of it, and notes it in the trace. */
import type { WriteId } from '../../src/base/ids.ts';
import { type Ended, type Operation, type Reply, shortId, type Try } from './history.ts';
import type { Oracle } from './oracle.ts';
import type { World } from './time/world.ts';

/** What a client says when it begins. */
export type Intent = Pick<
  Operation,
  'client' | 'kind' | 'key' | 'how' | 'sight' | 'contextOf' | 'strict' | 'quorum' | 'writeId'
>;

interface Making extends Intent {
  readonly id: number;
  readonly beganAt: number;
  readonly tries: Try[];
  endedAt: number | undefined;
  ended: Ended | undefined;
  reply: Reply | undefined;
  error: string | undefined;
}

export class Recorder {
  readonly #world: World;
  readonly #oracles: readonly Oracle[];
  readonly #operations: Making[] = [];
  #acked = 0;
  #open = 0;

  constructor(world: World, oracles: readonly Oracle[]) {
    this.#world = world;
    this.#oracles = oracles;
  }

  get count(): number {
    return this.#operations.length;
  }

  get acked(): number {
    return this.#acked;
  }

  /** Operations that have begun and not ended. */
  get open(): number {
    return this.#open;
  }

  begin(intent: Intent): Operation {
    const operation: Making = {
      ...intent,
      id: this.#operations.length + 1,
      beganAt: this.#world.now,
      tries: [],
      endedAt: undefined,
      ended: undefined,
      reply: undefined,
      error: undefined,
    };
    this.#operations.push(operation);
    this.#open += 1;
    for (const oracle of this.#oracles) oracle.began?.(operation);
    return operation;
  }

  tried(operation: Operation, node: string): void {
    (operation as Making).tries.push({ node, at: this.#world.now });
    this.#note(operation, `${operation.tries.length > 1 ? 'again ' : ''}${asked(operation)} at ${node}`);
  }

  /** A node has handed it on to that one, too, while the first is silent. */
  handedOnBeside(write: WriteId, node: string): void {
    const operation = this.#operations.find(({ writeId, ended }) => writeId === write && ended === undefined);
    operation?.tries.push({ node, at: this.#world.now });
  }

  answered(operation: Operation, reply: Reply): void {
    this.#acked += 1;
    this.#note(operation, `is told ${names(reply.shown)} (${figures(reply)})`);
    this.#end(operation, { ended: 'ok', reply });
  }

  failed(operation: Operation, { ended, error }: { ended: Ended; error: string }): void {
    this.#note(operation, `is told ${error}`);
    this.#end(operation, { ended, error });
  }

  #end(operation: Operation, how: Partial<Making>): void {
    Object.assign(operation, { endedAt: this.#world.now, ...how });
    this.#open -= 1;
    for (const oracle of this.#oracles) oracle.ended?.(operation);
  }

  #note({ client, id, key }: Operation, text: string): void {
    this.#world.trace.note(this.#world.now, { about: 'client', key, text: `${client} #${id} ${text}` });
  }
}

function asked({ kind, how, key, writeId, sight, strict, quorum }: Operation): string {
  const over =
    how === 'after' ? ` over ${names(sight)}` : how === 'overwrite' ? ' over whatever is there' : '';
  const what = kind === 'put' ? `puts ${shortId(writeId!)}` : `${kind}s`;
  return `${what} ${key}${over}${strict ? ', strict' : ''}, quorum ${quorum},`;
}

function names(writes: ReadonlySet<WriteId>): string {
  return writes.size === 0 ? 'nothing' : [...writes].map(shortId).join(' ');
}

function figures({ replicas }: Reply): string {
  const { answered, required, fallback, unrepaired } = replicas;
  return `${answered} of ${required}, ${fallback} fallbacks, ${unrepaired} unrepaired`;
}

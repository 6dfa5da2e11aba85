/** A node that answers attempts as it is told, and remembers them. */
import { type Reason, ShoalError, type ShoalErrorDetails } from '../../../src/base/errors.ts';
import { AttemptFailed, type Channel, type Method, type Terms } from '../../../src/client/channel.ts';
import type { VirtualSurroundings } from './virtual-surroundings.ts';

/** `hangs` takes all the time it is given. */
export type Answer = 'answers' | 'hangs' | AttemptFailed;

export const METHOD: Method<string, string> = {
  path: '/test',
  requestSerialize: () => Buffer.alloc(0),
  responseDeserialize: String,
};

export function fails(reason: Reason, more: ShoalErrorDetails & { pushbackMs?: number } = {}): AttemptFailed {
  return new AttemptFailed(new ShoalError(reason, 'so it is scripted', more), more.pushbackMs);
}

export class ScriptedChannel implements Channel {
  readonly name: string;
  readonly attempts: Terms[] = [];
  closed = false;
  /** For the attempts to come, one each; the last stands for all further ones. */
  script: Answer[] = ['answers'];
  readonly #world: VirtualSurroundings;

  constructor(name: string, world: VirtualSurroundings) {
    this.name = name;
    this.#world = world;
  }

  async call<Request, Reply>(
    _method: Method<Request, Reply>,
    _request: Request,
    terms: Terms,
  ): Promise<Reply> {
    this.attempts.push(terms);
    const answer = this.script.length > 1 ? this.script.shift()! : this.script[0]!;
    if (answer === 'hangs') this.#world.time += terms.timeoutMs;
    if (answer === 'answers') return this.name as Reply;
    throw answer === 'hangs' ? silence(terms) : answer;
  }

  close(): void {
    this.closed = true;
  }
}

function silence({ write }: Terms): AttemptFailed {
  return write ? fails('OUTCOME_UNKNOWN', { outcome: 'unknown' }) : fails('EXPIRED');
}

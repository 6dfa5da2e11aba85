/** A node that answers attempts as it is told, and remembers them. */
import { Buffer } from 'node:buffer';
import { type Reason, ShoalError, type ShoalErrorDetails } from '../../../src/base/errors.ts';
import type { Attempt } from '../../../src/client/attempt.ts';
import { type AttemptFailure, notTaken } from '../../../src/client/failure.ts';
import type { Line } from '../../../src/client/known-node.ts';
import type { VirtualSurroundings } from './virtual-surroundings.ts';

/**
 * `hangs` says nothing until the attempt's time is up; a number answers after so many milliseconds; `refuses`
 * says on the spot that nothing can be sent, `takes no more` that nothing more can, for now; `is left` is
 * ended by the test.
 */
export type Answer = 'answers' | 'hangs' | 'is left' | 'refuses' | 'takes no more' | number | AttemptFailure;

type Failing = ShoalErrorDetails & { readonly pushbackMs?: number; readonly sent?: boolean };

export function fails(reason: Reason, { pushbackMs, sent = true, ...more }: Failing = {}): AttemptFailure {
  return { error: new ShoalError(reason, 'so it is scripted', more), pushbackMs, sent, local: false };
}

export class ScriptedLine implements Line {
  readonly name: string;
  readonly attempts: Attempt[] = [];
  suspect = false;
  rested = 0;
  closed = false;
  /** For the attempts to come, one each; the last stands for all further ones. */
  script: Answer[] = ['answers'];
  readonly #world: VirtualSurroundings;

  constructor(name: string, world: VirtualSurroundings) {
    this.name = name;
    this.#world = world;
  }

  ask(attempt: Attempt): AttemptFailure | undefined {
    this.attempts.push(attempt);
    const answer = this.script.length > 1 ? this.script.shift()! : this.script[0]!;
    if (answer === 'refuses') return fails('UNREACHABLE', { sent: false });
    if (answer === 'takes no more') return notTaken({ because: 'too much', why: 'so it is scripted' });
    const later = (ms: number, action: () => void) => void this.#world.after(ms, action);
    const reply = () => attempt.reply(Buffer.from(this.name));
    if (answer === 'answers') later(0, reply);
    else if (typeof answer === 'number') later(answer, reply);
    else if (answer === 'hangs')
      later(attempt.deadline - this.#world.time, () => attempt.fail(silence(attempt)));
    else if (answer !== 'is left') later(0, () => attempt.fail(answer));
    return undefined;
  }

  rest(): void {
    this.rested += 1;
  }

  close(): void {
    this.closed = true;
  }
}

function silence({ question }: Attempt): AttemptFailure {
  return question.write ? fails('OUTCOME_UNKNOWN', { outcome: 'unknown' }) : fails('EXPIRED');
}

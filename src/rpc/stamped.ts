/**
 * How a method between nodes is put on a link: by its number, and answered only to a message that is sound
 * and whose stamp the node admits. Else its caller gets ReplicaFailed `refused`.
 */
import type { NodeName } from '../base/ids.ts';
import type { Call } from '../ports/call.ts';
import { ReplicaFailed } from '../ports/replica.ts';
import type { Stamp } from '../ports/stamp.ts';
import type { StampReader } from '../wire/stamp.ts';
import { type Carriage, carriage } from './answering.ts';
import type { PeerMethod } from './peer-protocol.ts';
import type { Method } from './serving.ts';

export type Numbered = readonly [number, Carriage];

export interface Judge {
  /** Whether a message under this stamp may be answered: undefined if so, else why not. */
  readonly admit: (stamp: Stamp) => string | undefined;
  readonly stamps: Pick<StampReader, 'read'>;
}

export function numbered<I, O>(
  { name, number, ...carried }: PeerMethod<never, I, O, unknown>,
  method: Omit<Method<I, NoInfer<O>>, 'name'>,
): Numbered {
  return [number, carriage({ ...method, name }, carried)];
}

interface Stamped {
  readonly stamp: Uint8Array;
}

/** The answer, given only to messages whose stamp the node admits. It is told who asks. */
export function stamped<I extends Stamped, O>(
  { admit, stamps }: Judge,
  answer: (message: I, call: Call, asker: NodeName) => Promise<O>,
) {
  return (message: I, call: Call): Promise<O> => {
    const stamp = sound(stamps.read(message.stamp));
    const refused = admit(stamp);
    if (refused !== undefined) throw new ReplicaFailed('refused', refused);
    return answer(message, call, stamp.sender);
  };
}

export function sound<T>(read: T | null | undefined): T {
  if (read === null || read === undefined) throw new ReplicaFailed('refused', 'the message is malformed');
  return read;
}

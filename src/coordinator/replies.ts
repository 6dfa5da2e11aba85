/**
 * What a client is shown, and the context that says so: a context covers only what its reply showed (DESIGN
 * §4).
 */
import type { WriteId } from '../base/ids.ts';
import { type ContextOf, encodeContext } from '../core/record/context.ts';
import { toMs } from '../core/record/hybrid-clock.ts';
import { NOTHING, type Record, type Sibling, seenOf, view } from '../core/record/record.ts';
import type { GetReply, Replicas, ShownSibling, WriteReply } from '../ports/requests.ts';

export function getReply(reply: { record: Record | undefined; replicas: Replicas; of: ContextOf }): GetReply {
  const record = reply.record ?? NOTHING;
  return {
    siblings: view(record).map(shown),
    context: encodeContext(seenOf(record), reply.of),
    replicas: reply.replicas,
  };
}

/** Shows every live sibling but the write itself, so that the context may cover them all. */
export function writeReply(reply: {
  record: Record;
  own: WriteId | undefined;
  replicas: Replicas;
  of: ContextOf;
}): WriteReply {
  const { record, own, replicas, of } = reply;
  return {
    siblings: view(record)
      .filter(sibling => sibling.writeId !== own)
      .map(shown),
    context: encodeContext(seenOf(record), of),
    replicas,
  };
}

function shown({ value, writtenAt }: Sibling): ShownSibling {
  return { value, writtenAtMs: toMs(writtenAt) };
}

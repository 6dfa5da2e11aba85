/**
 * The keys of a cluster as one record each, kept by the real rules (core/record/record): siblings, contexts
 * and write ids behave.
 */
import { type ClusterId, clusterId, type Incarnation, type WriteId, writeId } from '../../../src/base/ids.ts';
import { decodeContext, encodeContext } from '../../../src/core/record/context.ts';
import * as rules from '../../../src/core/record/record.ts';
import { actorOf, NOTHING_SEEN } from '../../../src/core/record/version-vector.ts';
import { type KeyPlace, placeKey } from '../../../src/core/ring/placement.ts';
import type { DeleteRequest__Output } from '../../../src/gen/shoal/v1/DeleteRequest.ts';
import type { GetRequest__Output } from '../../../src/gen/shoal/v1/GetRequest.ts';
import type { GetResponse } from '../../../src/gen/shoal/v1/GetResponse.ts';
import type { PutRequest__Output } from '../../../src/gen/shoal/v1/PutRequest.ts';
import { readValue, valueMessage } from '../../../src/wire/value.ts';

const CLUSTER: ClusterId = clusterId('0123456789abcdef');
const ACTOR = actorOf('\0\0\0\0\0\0\0\x01' as Incarnation, 1);
const ALL_SEEN_BY = (record: rules.Record): rules.Seen => rules.seenOf(record);
const SEEN_NOTHING: rules.Seen = { vector: NOTHING_SEEN, writes: [] };

export class FakeKv {
  readonly #records = new Map<string, rules.Record>();
  #counter = 0;

  get({ bucket, key }: GetRequest__Output): GetResponse {
    return this.#show(placeKey({ bucket, key }), () => true);
  }

  put(request: PutRequest__Output): GetResponse {
    const place = placeKey(request);
    const record = this.#record(place);
    const id = writeId(request.writeId);
    this.#counter += 1;
    const dot = { actor: ACTOR, counter: this.#counter };
    const write = { writeId: id, value: readValue(request.value), dot, writtenAt: this.#counter };
    const seen = request.overwrite ? ALL_SEEN_BY(record) : seenIn(request.context, place);
    this.#records.set(place.name.toString('hex'), rules.put(record, { seen, write }));
    return this.#show(place, other => other !== id);
  }

  delete(request: DeleteRequest__Output): GetResponse {
    const place = placeKey(request);
    const record = this.#record(place);
    const seen = request.context.byteLength === 0 ? ALL_SEEN_BY(record) : seenIn(request.context, place);
    this.#records.set(place.name.toString('hex'), rules.remove(record, seen));
    return this.#show(place, () => true);
  }

  #record(place: KeyPlace): rules.Record {
    return this.#records.get(place.name.toString('hex')) ?? rules.NOTHING;
  }

  #show(place: KeyPlace, shown: (id: WriteId) => boolean): GetResponse {
    const record = this.#record(place);
    const siblings = rules.view(record).filter(sibling => shown(sibling.writeId));
    return {
      siblings: siblings.map(({ value, writtenAt }) => ({
        value: valueMessage(value),
        writtenAtMs: writtenAt,
      })),
      context: Buffer.from(encodeContext(rules.seenOf(record), { cluster: CLUSTER, place })),
      replicas: { required: 2, answered: 2, fallback: 0, unrepaired: 0 },
    };
  }
}

function seenIn(context: Uint8Array, place: KeyPlace): rules.Seen {
  return context.byteLength === 0 ? SEEN_NOTHING : decodeContext(context, { cluster: CLUSTER, place });
}

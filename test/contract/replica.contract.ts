/**
 * What every `Replica` (src/ports/replica.ts) does, whether its data lie in this process or behind a network:
 * the caller gets the same answers and the same failures.
 */
import { Buffer } from 'node:buffer';
import { describe, expect, test, vi } from 'vitest';
import { nodeName } from '../../src/base/ids.ts';
import { NO_DIGEST } from '../../src/core/record/codec.ts';
import { placeKey } from '../../src/core/ring/placement.ts';
import {
  type ApplyRequest,
  type Failure,
  HAND_OFF_BYTES_MAX,
  HAND_OFF_RECORDS_MAX,
  type Located,
  type ReadRequest,
  type Replica,
  ReplicaFailed,
  type ScanRequest,
} from '../../src/ports/replica.ts';
import { callWithin, fakeReplica } from '../rpc/peer-support.ts';
import { PLACE, sampleRecord } from '../support/samples.ts';

const RECORD = sampleRecord();
const READ: ReadRequest = { place: PLACE, digestOnly: false };
const APPLY: ApplyRequest = { place: PLACE, record: RECORD, standsInFor: undefined };
const SCAN: ScanRequest = { partition: PLACE.partition, after: new Uint8Array(0) };
const MIB = 1024 * 1024;

/** @param reach a replica through which the one given is reached */
export function replicaContract(name: string, reach: (far: Replica) => Promise<Replica>): void {
  const call = () => callWithin(30_000);

  describe(name, () => {
    test.each([
      ['the record', READ, { digest: RECORD.digest, record: RECORD, recovering: true }],
      [
        'the digest only',
        { ...READ, digestOnly: true },
        { digest: RECORD.digest, record: undefined, recovering: false },
      ],
      ['that there is no row', READ, { digest: NO_DIGEST, record: undefined, recovering: false }],
    ])('a read answers %s', async (_, request, reply) => {
      const read = vi.fn(async () => reply);
      const near = await reach(fakeReplica({ read }));
      expect(await near.read(request, call())).toEqual(reply);
      expect(read).toHaveBeenCalledExactlyOnceWith(request, expect.anything());
    });

    test.each([undefined, nodeName('n3')])(
      'an apply that stands in for %s arrives whole',
      async standsInFor => {
        const request = { ...APPLY, standsInFor };
        const reply = { digest: RECORD.digest, vector: RECORD.record.vector, recovering: true };
        const apply = vi.fn(async () => reply);
        const near = await reach(fakeReplica({ apply }));
        expect(await near.apply(request, call())).toEqual(reply);
        expect(apply).toHaveBeenCalledExactlyOnceWith(request, expect.anything());
      },
    );

    test('a record larger than any put may leave, as a merge makes it, arrives whole', async () => {
      const record = sampleRecord(PLACE, Buffer.alloc(20 * MIB, 1));
      const near = await reach(
        fakeReplica({
          apply: async asked => ({ digest: asked.record.digest, vector: [], recovering: false }),
        }),
      );
      expect(await near.apply({ ...APPLY, record }, call())).toEqual({
        digest: record.digest,
        vector: [],
        recovering: false,
      });
    });

    test('a scan is read page by page', async () => {
      const next = Buffer.from('second');
      const near = await reach(
        fakeReplica({
          scan: async ({ after }) =>
            after.byteLength === 0
              ? { records: [{ place: PLACE, record: RECORD }], next }
              : { records: [], next: Buffer.alloc(0) },
        }),
      );
      const first = await near.scan(SCAN, call());
      expect(first).toEqual({ records: [{ place: PLACE, record: RECORD }], next });
      expect(await near.scan({ ...SCAN, after: first.next }, call())).toEqual({
        records: [],
        next: Buffer.alloc(0),
      });
    });

    test('records are handed off, and the answer says of each whether it is held', async () => {
      const records = locatedRecords(HAND_OFF_RECORDS_MAX);
      const held = records.map((_, i) => i % 3 !== 0);
      const handOff = vi.fn(async () => ({ held }));
      const near = await reach(fakeReplica({ handOff }));
      expect(await near.handOff(records, call())).toEqual({ held });
      expect(handOff).toHaveBeenCalledExactlyOnceWith(records, expect.anything());
    });

    test('a record larger than a batch is handed off alone', async () => {
      const record = sampleRecord(PLACE, Buffer.alloc(2 * HAND_OFF_BYTES_MAX, 1));
      const near = await reach(fakeReplica({ handOff: async given => ({ held: given.map(() => true) }) }));
      expect(await near.handOff([{ place: PLACE, record }], call())).toEqual({ held: [true] });
    });

    test('calls under way at once get each their own answer', async () => {
      const records = new Map(
        Array.from({ length: 100 }, (_, i) => {
          const place = placeKey({ bucket: 'carts', key: `k${i}` });
          return [place.key, sampleRecord(place, Buffer.from(`\0${i}`))] as const;
        }),
      );
      const near = await reach(
        fakeReplica({
          read: async ({ place }) => {
            const record = records.get(place.key)!;
            return { digest: record.digest, record, recovering: false };
          },
        }),
      );
      const asked = [...records.keys()].map(key => ({
        place: placeKey({ bucket: 'carts', key }),
        digestOnly: false,
      }));
      const replies = await Promise.all(asked.map(async request => await near.read(request, call())));
      expect(replies.map(reply => reply.record)).toEqual([...records.values()]);
    });

    test.each<Failure>(['refused', 'lost', 'not sent'])(
      'what failed as "%s" fails so, in its own words',
      async failure => {
        const fail = () => Promise.reject(new ReplicaFailed(failure, 'the row is damaged here'));
        const near = await reach({ read: fail, apply: fail, scan: fail, handOff: fail });
        const same = { name: 'ReplicaFailed', failure, message: 'the row is damaged here' };
        await expect(near.read(READ, call())).rejects.toMatchObject(same);
        await expect(near.apply(APPLY, call())).rejects.toMatchObject(same);
        await expect(near.scan(SCAN, call())).rejects.toMatchObject(same);
        await expect(near.handOff(locatedRecords(1), call())).rejects.toMatchObject(same);
      },
    );

    test('a call that was cancelled is marked so at the far end, or not begun', async () => {
      const seen: boolean[] = [];
      const near = await reach(
        fakeReplica({
          read: async (_, { cancelled }) => {
            seen.push(cancelled);
            throw new ReplicaFailed('not sent', 'nobody waits');
          },
        }),
      );
      const cancelled = { ...call(), cancelled: true };
      await expect(near.read(READ, cancelled)).rejects.toMatchObject({ failure: 'not sent' });
      expect(seen).not.toContain(false);
    });
  });
}

function locatedRecords(count: number): readonly Located[] {
  return Array.from({ length: count }, (_, i) => {
    const place = placeKey({ bucket: 'carts', key: `k${i}` });
    return { place, record: sampleRecord(place) };
  });
}

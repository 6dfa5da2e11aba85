/**
 * A write handed on to a replica ends in one of three ways, and no acknowledgement or failure is invented on
 * the way.
 */
import { Buffer } from 'node:buffer';
import { expect, test, vi } from 'vitest';
import { AssertionFailed } from '../../src/base/assert.ts';
import { ShoalError } from '../../src/base/errors.ts';
import { writeId } from '../../src/base/ids.ts';
import type { DeleteRequest, PutRequest } from '../../src/ports/requests.ts';
import { callWithin, N2, openPeer, openRemotes } from './peer-support.ts';
import { WRITTEN } from './support.ts';

const PUT: PutRequest = {
  bucket: 'carts',
  key: 'ann',
  value: Buffer.from('\u0001bread'),
  context: Buffer.from('seen'),
  w: 2,
  strict: true,
  writeId: writeId(Buffer.alloc(16, 7)),
  overwrite: false,
};
const DELETE: DeleteRequest = { bucket: 'carts', key: 'ann', context: Buffer.alloc(0), w: 0, strict: false };
const notAsked = () => Promise.reject(new Error('this was not to be asked'));

test('it is answered: the request arrives as it was, write id included, and so does the reply', async () => {
  const put = vi.fn(async () => ({
    ...WRITTEN,
    siblings: [{ value: Buffer.from('\0milk'), writtenAtMs: 9 }],
  }));
  const remove = vi.fn(async () => WRITTEN);
  const { address } = await openPeer({ coordinator: { put, delete: remove } });
  const coordinator = openRemotes(() => address).remotes.coordinator(N2);
  expect(await coordinator.put(PUT, callWithin(5000))).toEqual(await put.mock.results[0]?.value);
  expect(await coordinator.delete(DELETE, callWithin(5000))).toEqual(WRITTEN);
  expect(put).toHaveBeenCalledExactlyOnceWith(PUT, expect.anything());
  expect(remove).toHaveBeenCalledExactlyOnceWith(DELETE, expect.anything());
});

test("it fails in the other's words, with its reason, outcome and facts", async () => {
  const facts = { required: '2', acked: '1' };
  const error = new ShoalError('OUTCOME_UNKNOWN', 'one of two acked', { outcome: 'unknown', facts });
  const { address } = await openPeer({ coordinator: { put: () => Promise.reject(error), delete: notAsked } });
  const coordinator = openRemotes(() => address).remotes.coordinator(N2);
  await expect(coordinator.put(PUT, callWithin(5000))).rejects.toMatchObject({
    name: 'ShoalError',
    reason: 'OUTCOME_UNKNOWN',
    outcome: 'unknown',
    message: error.message,
    facts,
  });
});

test('it is not sent, so that the next replica may be tried: nobody is there, or the stamp is not admitted', async () => {
  const gone = await openPeer({});
  await gone.close(0);
  const nobody = openRemotes(() => gone.address).remotes.coordinator(N2);
  await expect(nobody.put(PUT, callWithin(5000))).rejects.toMatchObject({ failure: 'not sent' });
  const { address } = await openPeer({ admit: () => 'not owner, my epoch is 2' });
  const other = openRemotes(() => address).remotes.coordinator(N2);
  const refused = { failure: 'not sent', message: 'not owner, my epoch is 2' };
  await expect(other.put(PUT, callWithin(5000))).rejects.toMatchObject(refused);
  await expect(other.delete(DELETE, callWithin(5000))).rejects.toMatchObject(refused);
});

test('its answer is lost with the other node: the outcome is unknown', async () => {
  const put = vi.fn(() => new Promise<never>(() => {}));
  const door = await openPeer({ coordinator: { put, delete: notAsked } });
  const handedOn = openRemotes(() => door.address)
    .remotes.coordinator(N2)
    .put(PUT, callWithin(30_000));
  const outcome = expect(handedOn).rejects.toMatchObject({ reason: 'OUTCOME_UNKNOWN', outcome: 'unknown' });
  await vi.waitUntil(() => put.mock.calls.length === 1);
  await door.close(0);
  await outcome;
});

test('its answer does not come in time: the outcome is unknown', async () => {
  const { address } = await openPeer({ coordinator: { put: notAsked, delete: () => new Promise(() => {}) } });
  const deleted = openRemotes(() => address)
    .remotes.coordinator(N2)
    .delete(DELETE, callWithin(100));
  await expect(deleted).rejects.toMatchObject({ reason: 'OUTCOME_UNKNOWN', outcome: 'unknown' });
});

test('a get is never handed on', async () => {
  const { get } = openRemotes(() => undefined).remotes.coordinator(N2);
  await expect(get({ bucket: 'b', key: 'k', r: 0, strict: false }, callWithin(1))).rejects.toBeInstanceOf(
    AssertionFailed,
  );
});

/** Each oracle is shown a run that is fine, and one that breaks what it watches over. */
import { describe, expect, test } from 'vitest';
import { ByteWriter, EMPTY } from '../../../src/base/bytes.ts';
import { incarnation, writeId } from '../../../src/base/ids.ts';
import { merge, NOTHING, put, remove, seenOf } from '../../../src/core/record/record.ts';
import { encodeSmallRow } from '../../../src/core/rows/small-row.ts';
import { indexKey, knownKey } from '../../../src/replica/layout.ts';
import { Bounds } from './bounds.ts';
import { Deadlines } from './deadlines.ts';
import { noteRemoval, Scene } from './scene.ts';

const BLIND = { vector: [], writes: [] };

/** One write, acknowledged by n1 and n2. */
function oneWrite() {
  const scene = new Scene();
  const write = scene.newWrite();
  const record = put(NOTHING, { seen: BLIND, write });
  const operation = scene.put(write, record);
  return { scene, write, record, operation };
}

/** And a second one, over the first. */
function twoWrites() {
  const { scene, write: first, record: before, operation } = oneWrite();
  const write = scene.newWrite();
  const record = put(before, { seen: seenOf(before), write });
  scene.put(write, record, {
    contextOf: operation,
    how: 'after',
    sight: operation.reply!.shown,
  });
  return { scene, first, before, write, record };
}

describe('promises', () => {
  test('a write that is read, replaced and everywhere in the end is fine', async () => {
    const { scene, record } = twoWrites();
    scene.get(record);
    await scene.converge(record);
    await scene.idle();
    await scene.end();
  });

  test('both disks that acknowledged a write are lost: it is owed to nobody any more', async () => {
    const { scene } = oneWrite();
    scene.wipe('n1');
    scene.wipe('n2');
    const other = scene.newWrite('n3');
    scene.begin({ kind: 'put', writeId: other.writeId });
    await scene.converge(put(NOTHING, { seen: BLIND, write: other }));
  });

  test('one of two is lost, and the other does not hold the write any more', () => {
    const { scene } = oneWrite();
    scene.vanish('n2');
    expect(() => scene.wipe('n1')).toThrow('no disk holds');
  });

  test('one of two is lost, gets it back, and then the other is', async () => {
    const { scene, record } = oneWrite();
    scene.wipe('n1');
    scene.store('n1', record);
    scene.wipe('n2');
    expect(() => scene.get(NOTHING)).toThrow('I1');
    await scene.converge(record);
  });

  test('the core agrees on a record that has not taken in a write which two of three acknowledged', async () => {
    const { scene, record } = oneWrite();
    scene.store('n3', record);
    scene.core = ['n1', 'n2'];
    const other = scene.newWrite('n2');
    scene.begin({ kind: 'put', writeId: other.writeId });
    for (const node of scene.core) {
      scene.vanish(node);
      scene.store(node, put(NOTHING, { seen: BLIND, write: other }));
    }
    await expect(scene.converge()).rejects.toThrow('has not taken in');
  });

  test('all agree on a record that has not taken in a write which a stand-in acknowledged', async () => {
    const scene = new Scene();
    scene.owners = ['n1', 'n2'];
    const write = scene.newWrite('n3');
    const record = put(NOTHING, { seen: BLIND, write });
    const operation = scene.begin({ kind: 'put', strict: false, quorum: 1, writeId: write.writeId });
    scene.store('n3', record);
    scene.answer(operation, record, { own: write.writeId, answered: 1, fallback: 1 });
    scene.core = ['n1', 'n2'];
    await scene.converge();
    scene.core = scene.nodes;
    await expect(scene.converge()).rejects.toThrow('has not taken in');
  });

  test('two writes are gone because each replaced the other', async () => {
    const scene = new Scene();
    const [x, y] = [scene.newWrite('n1'), scene.newWrite('n2')];
    for (const { writeId } of [x, y]) scene.begin({ kind: 'put', writeId, how: 'overwrite' });
    const both = put(put(NOTHING, { seen: BLIND, write: x }), {
      seen: BLIND,
      write: y,
    });
    for (const node of scene.nodes) scene.store(node, both);
    await expect(scene.converge(remove(both, seenOf(both)))).rejects.toThrow('I2');
  });

  test('a delete explains that nothing is left', async () => {
    const { scene, record } = oneWrite();
    scene.unknown(scene.begin({ kind: 'delete' }));
    await scene.converge(remove(record, seenOf(record)));
  });

  test('nothing is left though nobody deleted anything', async () => {
    const { scene, record } = oneWrite();
    await expect(scene.converge(remove(record, seenOf(record)))).rejects.toThrow('has lost');
  });

  test('a delete that had been answered before the write began explains nothing', () => {
    const scene = new Scene();
    scene.answer(scene.begin({ kind: 'delete' }), NOTHING);
    const write = scene.newWrite();
    const record = put(NOTHING, { seen: BLIND, write });
    scene.put(write, record);
    expect(() => scene.store('n1', remove(record, seenOf(record)))).toThrow('I2');
  });
});

describe('strict reads', () => {
  test('one that was under way when the write was acknowledged may miss it', () => {
    const scene = new Scene();
    const read = scene.begin({ kind: 'get' });
    const write = scene.newWrite();
    scene.put(write, put(NOTHING, { seen: BLIND, write }));
    scene.answer(read, NOTHING);
  });

  test('one that began later does not know of an acknowledged write', () => {
    const { scene } = oneWrite();
    expect(() => scene.get(NOTHING)).toThrow('I1');
  });

  test('a sloppy one may miss it', () => {
    const { scene } = oneWrite();
    scene.get(NOTHING, { strict: false });
  });

  test('one shows less than another one before it', () => {
    const scene = new Scene();
    const write = scene.newWrite();
    const record = put(NOTHING, { seen: BLIND, write });
    scene.unknown(scene.begin({ kind: 'put', writeId: write.writeId }));
    scene.store('n1', record);
    scene.store('n2', record);
    scene.get(record);
    expect(() => scene.get(NOTHING)).toThrow('I1');
  });

  test('one shows a write that was replaced before it began', () => {
    const { scene, before, record } = twoWrites();
    const zombie = {
      ...record,
      siblings: [...before.siblings, ...record.siblings],
      overwritten: [],
    };
    expect(() => scene.get(zombie, { unrepaired: 2 })).toThrow('I9');
  });

  test('the write is excused when as many disks as acknowledged it were lost', () => {
    const { scene } = oneWrite();
    scene.wipe('n1');
    scene.wipe('n2');
    scene.get(NOTHING);
  });

  test('a delete of a write that was tried twice is excused when the only disk that knew of it has lost it', () => {
    const scene = new Scene();
    const write = scene.newWrite();
    const record = put(NOTHING, { seen: BLIND, write });
    const tries = ['n1', 'n1'].map(node => ({ node, at: 0 }));
    scene.unknown(scene.begin({ kind: 'put', writeId: write.writeId, tries }));
    scene.store('n1', record);
    const deleted = remove(record, seenOf(record));
    const operation = scene.begin({ kind: 'delete', quorum: 1 });
    scene.store('n1', deleted);
    scene.answer(operation, deleted, { answered: 1 });
    scene.rollBack('n1', record);
    scene.get(record, { quorum: 3, answered: 3, unrepaired: 2 });
  });

  test('it is still owed after one of them', () => {
    const { scene } = oneWrite();
    scene.wipe('n1');
    expect(() => scene.get(NOTHING)).toThrow('I1');
  });
});

describe('a node that was rolled back, and nobody is left to tell it,', () => {
  /** n1 alone acknowledged a write over another that all of them hold, and has lost it. */
  function rolledBack({ untold }: { untold: boolean }) {
    const scene = new Scene();
    const first = scene.newWrite();
    const before = put(NOTHING, { seen: BLIND, write: first });
    scene.put(first, before, { at: scene.nodes });
    const second = scene.newWrite();
    const record = put(before, { seen: seenOf(before), write: second });
    const contextOf = scene.get(before);
    scene.put(second, record, { at: ['n1', 'n2'], contextOf, how: 'after', sight: contextOf.reply!.shown });
    scene.rollBack('n1', before);
    if (untold) scene.untold.add('n1');
    scene.now += 1;
    return { scene, before, record };
  }

  test('excuses a strict read that misses what it lost; and that is counted', () => {
    const { scene, before } = rolledBack({ untold: true });
    const read = scene.get(before);
    expect(scene.excused).toEqual([read]);
  });

  test('excuses a read that had begun before it was told', () => {
    const { scene, before } = rolledBack({ untold: true });
    const read = scene.begin({ kind: 'get' });
    scene.untold.clear();
    scene.answer(read, before);
    expect(() => scene.get(before)).toThrow('I1');
  });

  test('excuses nothing if somebody can tell it', () => {
    const { scene, before } = rolledBack({ untold: false });
    expect(() => scene.get(before)).toThrow('I1');
    expect(scene.excused).toEqual([]);
  });

  test('excuses nothing once it has the key again', () => {
    const { scene, before, record } = rolledBack({ untold: true });
    scene.store('n1', record);
    expect(() => scene.get(before)).toThrow('I1');
  });

  test('changes nothing of what later reads owe', () => {
    const { scene, before } = rolledBack({ untold: true });
    scene.get(before);
    scene.untold.clear();
    expect(() => scene.get(before)).toThrow('I1');
  });
});

describe('replies', () => {
  test('a context covers a write that its reply did not show', () => {
    const { scene, record } = oneWrite();
    expect(() => scene.get({ ...record, siblings: [] }, { strict: false })).toThrow('I2');
  });

  test('a reply shows what nobody asked for', () => {
    const scene = new Scene();
    const record = put(NOTHING, { seen: BLIND, write: scene.newWrite() });
    expect(() => scene.get(record)).toThrow('I12');
  });
});

describe('what a client has seen', () => {
  /** A second write over the first, which is done as if it were blind. */
  function overlooked() {
    const { scene, record: before, operation } = oneWrite();
    const write = scene.newWrite();
    const over = {
      contextOf: operation,
      how: 'after' as const,
      sight: operation.reply!.shown,
    };
    return {
      scene,
      write,
      before,
      over,
      both: put(before, { seen: BLIND, write }),
    };
  }

  test('a put shows beside itself what its context showed', () => {
    const { scene, write, before, over, both } = overlooked();
    const operation = scene.begin({
      kind: 'put',
      writeId: write.writeId,
      ...over,
    });
    const replaced = put(before, { seen: seenOf(before), write });
    for (const node of ['n1', 'n2']) scene.store(node, replaced);
    expect(() => scene.answer(operation, both, { own: write.writeId })).toThrow('which it replaced');
  });

  test('a put stands in a row beside what its context showed', () => {
    const { scene, write, over, both } = overlooked();
    expect(() => scene.put(write, both, over)).toThrow('which it replaced');
  });

  test('a twin of what its context showed may stand beside it', () => {
    const scene = new Scene();
    const write = scene.newWrite('n1');
    const tries = ['n1', 'n2'].map(node => ({ node, at: 0 }));
    const before = put(NOTHING, { seen: BLIND, write });
    const first = scene.put(write, before, { tries });
    const next = scene.newWrite('n1');
    const record = put(before, { seen: seenOf(before), write: next });
    scene.put(next, record, {
      contextOf: first,
      how: 'after',
      sight: first.reply!.shown,
    });
    const twin = put(NOTHING, {
      seen: BLIND,
      write: { ...write, dot: scene.newWrite('n2').dot },
    });
    scene.store('n3', merge(record, twin));
  });
});

describe('an overwrite of whatever is there', () => {
  test('leaves nothing standing of what was promised before', () => {
    const { scene, record } = oneWrite();
    const deleted = remove(record, seenOf(record));
    const operation = scene.begin({ kind: 'delete' });
    for (const node of ['n1', 'n2']) scene.store(node, deleted);
    scene.answer(operation, deleted);
  });

  test('shows a write that was promised before it began', () => {
    const { scene, record } = oneWrite();
    expect(() => scene.answer(scene.begin({ kind: 'delete' }), record)).toThrow('is to be overwritten');
  });

  test('may show one that another overwrite, which replaced it meanwhile, has yet to take out', () => {
    const { scene, record } = oneWrite();
    const operation = scene.begin({ kind: 'delete' });
    const write = scene.newWrite();
    scene.begin({ kind: 'put', how: 'overwrite', writeId: write.writeId });
    const beside = put(record, { seen: BLIND, write });
    for (const node of ['n1', 'n2']) scene.store(node, beside);
    scene.answer(operation, beside);
  });

  test('may show one that came in beside it', () => {
    const scene = new Scene();
    const operation = scene.begin({ kind: 'delete' });
    const write = scene.newWrite();
    const record = put(NOTHING, { seen: BLIND, write });
    scene.put(write, record);
    scene.answer(operation, record);
  });
});

describe('refusals', () => {
  function refused(end: 'refuse' | 'unknown') {
    const scene = new Scene();
    const write = scene.newWrite();
    const operation = scene.begin({ kind: 'put', writeId: write.writeId });
    return {
      scene,
      record: put(NOTHING, { seen: BLIND, write }),
      end: () => scene[end](operation),
    };
  }

  test('a put that is said not to be applied lies on a disk', () => {
    const { scene, record, end } = refused('refuse');
    scene.store('n2', record);
    expect(end).toThrow('said not to be applied');
  });

  test('it comes in later', () => {
    const { scene, record, end } = refused('refuse');
    end();
    expect(() => scene.store('n2', record)).toThrow('said not to be applied');
  });

  test('it is shown, before any disk has it', () => {
    const { scene, record, end } = refused('refuse');
    end();
    expect(() => scene.get(record)).toThrow('said not to be applied');
  });

  test('one with an unknown outcome may come in', () => {
    const { scene, record, end } = refused('unknown');
    end();
    scene.store('n2', record);
  });
});

describe('rows', () => {
  test('a row forgets that a write was overwritten', () => {
    const { scene, record } = twoWrites();
    expect(() => scene.store('n1', { ...record, overwritten: [] })).toThrow('I6');
  });

  test('a full list lets go of its oldest write for a newer one', () => {
    const { scene, record } = twoWrites();
    const [oldest] = record.overwritten;
    const filler = Array.from({ length: 8 }, (_, i) => ({
      writeId: writeId(Buffer.alloc(16, 100 + i)),
      writtenAt: oldest!.writtenAt + 1 + i,
      hides: true,
    }));
    scene.store('n1', { ...record, overwritten: filler.toReversed() });
  });

  test('a row claims a write that it never got', () => {
    const { scene, write, record } = oneWrite();
    const next = scene.newWrite();
    scene.begin({ kind: 'put', writeId: next.writeId });
    const alone = {
      ...put(record, { seen: BLIND, write: next }),
      siblings: [next],
    };
    expect(write.dot.counter).toBeLessThan(next.dot.counter);
    expect(() => scene.store('n3', alone)).toThrow('claims, but never had');
  });

  test('a write that was replaced stands in a row again', () => {
    const { scene, before, record } = twoWrites();
    const zombie = {
      ...record,
      siblings: [...before.siblings, ...record.siblings],
    };
    expect(() => scene.store('n1', zombie)).toThrow('I9');
  });

  test('a dot names two writes', () => {
    const { scene, write } = oneWrite();
    const other = { ...scene.newWrite(), dot: write.dot };
    scene.begin({ kind: 'put', writeId: other.writeId });
    expect(() => scene.store('n3', put(NOTHING, { seen: BLIND, write: other }))).toThrow('I3');
  });

  test('a counter is set back', () => {
    const scene = new Scene();
    const key = knownKey(incarnation(Buffer.alloc(8, 1)));
    const note = (counter: number) =>
      scene.commit('n1', [
        {
          key,
          value: encodeSmallRow({
            key,
            body: new ByteWriter(8).u53(counter).bytes,
          }),
        },
      ]);
    note(7);
    expect(() => note(6)).toThrow('I3');
    scene.wipe('n1');
    note(6);
  });

  test('the sum of a segment is that of an older row', () => {
    const { scene, before, record } = twoWrites();
    expect(() => scene.store('n3', record, { sum: before })).toThrow('I7');
  });

  test('a scrub sees drift on a disk that has lost nothing', async () => {
    const { scene, record } = oneWrite();
    scene.store('n2', record);
    scene.drifted.push('n2');
    await expect(scene.end()).rejects.toThrow('drift');
    scene.wipe('n2');
    await scene.end();
  });

  test('the index of a segment does not name a row of it', () => {
    const { scene, record } = oneWrite();
    expect(() => scene.store('n3', record, { indexed: false })).toThrow('index');
  });

  test('the index of a segment names a row that is gone', () => {
    const { scene, record } = oneWrite();
    scene.owners = ['n1', 'n2'];
    scene.store('n3', record);
    const stray = [{ key: indexKey(scene.place()), value: EMPTY }];
    expect(() => scene.drop('n3', { rest: stray })).toThrow('index');
  });

  test('a damaged row is left as it is though others have it', async () => {
    const { scene, record } = oneWrite();
    for (const node of scene.nodes) scene.store(node, record);
    scene.damage('n2');
    await expect(scene.converge()).rejects.toThrow('I12');
  });

  test('owners differ after all', async () => {
    const { scene } = oneWrite();
    await expect(scene.converge()).rejects.toThrow('I6');
  });

  test('an owner differs that waits for an outcast before it has all of the partition', async () => {
    const { scene } = oneWrite();
    scene.core = ['n1', 'n3'];
    scene.filling.add('n3');
    await scene.converge();
  });
});

describe('acknowledgements', () => {
  test('one of two that are said to have acknowledged has nothing on its disk', () => {
    const scene = new Scene();
    const write = scene.newWrite();
    const record = put(NOTHING, { seen: BLIND, write });
    expect(() => scene.put(write, record, { at: ['n1'] })).toThrow('I4');
  });

  test('one that has lost it since its word did hold it', () => {
    const scene = new Scene();
    const write = scene.newWrite();
    const record = put(NOTHING, { seen: BLIND, write });
    const operation = scene.begin({ kind: 'put', writeId: write.writeId });
    for (const node of ['n1', 'n2']) scene.store(node, record);
    scene.wipe('n1');
    scene.answer(operation, record, { own: write.writeId });
  });

  test('a fallback is counted in strict mode', () => {
    const { scene, record } = oneWrite();
    const operation = scene.begin({ kind: 'delete' });
    expect(() => scene.answer(operation, record, { fallback: 1 })).toThrow('I5');
  });
});

describe('time and bounds', () => {
  test('a client has its answer in time, or it has not', () => {
    const deadlines = new Deadlines({ patienceMs: () => 100, slackMs: 10 });
    const { operation } = oneWrite();
    deadlines.ended({ ...operation, beganAt: 0, endedAt: 105 });
    expect(() => deadlines.ended({ ...operation, beganAt: 0, endedAt: 111 })).toThrow('I10');
  });

  test('a call ends after its deadline, but for the time its process stood still', () => {
    const deadlines = new Deadlines({ patienceMs: () => 100, slackMs: 10 });
    const call = {
      node: 'n1',
      method: 'HandOnPut',
      deadline: 100,
      endedAt: 500,
    };
    deadlines.served({ ...call, pausedMs: 400 });
    expect(() => deadlines.served({ ...call, pausedMs: 300 })).toThrow('I10');
    // A disk cannot be called back.
    deadlines.served({ ...call, method: 'Apply', pausedMs: 0 });
  });

  test('too many calls are under way, or one is left over', () => {
    const scene = new Scene();
    const bounds = (count: number, left: readonly string[]) =>
      new Bounds(scene, { underWay: () => count, leftOver: () => left });
    bounds(1024, []).ended();
    bounds(1024, []).over();
    expect(() => bounds(1025, []).ended()).toThrow('I10');
    expect(() => bounds(0, ['a timer of n1']).over()).toThrow('a timer of n1');
  });

  test.each(['HandOff', 'Apply', 'Fetch', 'CompareNodes', 'CompareKeys'])(
    'an idle cluster sends a call of %s',
    async method => {
      const { scene, record } = oneWrite();
      await scene.converge(record);
      scene.get(record);
      scene.calls.set('CompareSums', 1);
      await scene.idle();
      scene.calls.set(method, 1);
      await expect(scene.idle()).rejects.toThrow('I11');
    },
  );

  test('an idle cluster gets what it can to a node that waits for an outcast', async () => {
    const { scene, record } = oneWrite();
    await scene.converge(record);
    scene.filling.add('n2');
    scene.calls.set('Fetch', 1);
    await scene.idle();
    scene.calls.set('Apply', 1);
    await expect(scene.idle()).rejects.toThrow('I11');
  });

  test('an idle cluster repairs a difference', async () => {
    const { scene, record } = oneWrite();
    await scene.converge(record);
    scene.differences += 1;
    await expect(scene.idle()).rejects.toThrow('I11');
  });

  test('a strict read repairs, or would have to, what is the same everywhere', async () => {
    const { scene, record } = oneWrite();
    await scene.converge(record);
    const [one, other] = [scene.begin({ kind: 'get' }), scene.begin({ kind: 'get' })];
    expect(() => scene.answer(one, record, { unrepaired: 1 })).toThrow('I11');
    scene.repaired += 1;
    expect(() => scene.answer(other, record)).toThrow('I11');
  });
});

describe('what is removed on a confirmation', () => {
  /** A write that n1, an owner, acknowledged with n3, a stand-in or an owner; n2, an owner, missed it. */
  function missed({ owners = ['n1', 'n2'] }: { owners?: readonly string[] } = {}) {
    const scene = new Scene();
    scene.owners = owners;
    const write = scene.newWrite();
    const record = put(NOTHING, { seen: BLIND, write });
    const operation = scene.begin({ kind: 'put', writeId: write.writeId, strict: false });
    for (const node of ['n1', 'n3']) scene.store(node, record);
    const standsIn = !owners.includes('n3');
    scene.note(standsIn ? 'n3' : 'n1', 'n2');
    scene.answer(operation, record, { own: write.writeId, fallback: standsIn ? 1 : 0 });
    return { scene, record };
  }

  const OWNERS = { owners: ['n1', 'n2', 'n3'] };

  test('a note goes when its target has the record', () => {
    const { scene, record } = missed(OWNERS);
    scene.store('n2', record);
    scene.removeNote('n1', 'n2');
  });

  test('a note goes, and its target has nothing', () => {
    const { scene } = missed(OWNERS);
    expect(() => scene.removeNote('n1', 'n2')).toThrow('I8');
  });

  test('a note goes, and its target has what the record was before', () => {
    const { scene, record } = missed(OWNERS);
    scene.store('n2', record);
    const other = scene.newWrite();
    scene.begin({ kind: 'put', writeId: other.writeId });
    scene.store('n1', put(record, { seen: BLIND, write: other }));
    expect(() => scene.removeNote('n1', 'n2')).toThrow('I8');
  });

  test('what came into the row with the batch that takes the note away may have come after it', () => {
    const { scene, record } = missed(OWNERS);
    scene.store('n2', record);
    const other = scene.newWrite();
    scene.begin({ kind: 'put', writeId: other.writeId });
    scene.store('n1', put(record, { seen: BLIND, write: other }), { rest: [noteRemoval('n2')] });
  });

  test('a note goes for a record that is not here', () => {
    new Scene().removeNote('n1', 'n2');
  });

  test('the target had it, and its disk has lost it since: that is excused, and counted', () => {
    const { scene, record } = missed(OWNERS);
    scene.store('n2', record);
    scene.wipe('n2');
    scene.removeNote('n1', 'n2');
    expect(scene.removalsExcused).toEqual(['handed off, and lost since']);
  });

  test('it grew too old, and that was counted: that is excused once', () => {
    const { scene } = missed(OWNERS);
    scene.droppedNotes = 1;
    scene.removeNote('n1', 'n2');
    expect(scene.removalsExcused).toEqual(['a note dropped for its age']);
    scene.note('n1', 'n2');
    expect(() => scene.removeNote('n1', 'n2')).toThrow('I8');
  });

  test('a stand-in is rid of its record when all owners have it, and of its note with it', () => {
    const { scene, record } = missed();
    scene.store('n2', record);
    scene.drop('n3', { rest: [noteRemoval('n2')] });
  });

  test('a stand-in is rid of its record, and an owner has not got it', () => {
    const { scene } = missed();
    expect(() => scene.drop('n3', { rest: [noteRemoval('n2')] })).toThrow('n2, an owner, has not got');
  });

  test('a stand-in is rid of its record, and keeps a note that says so', () => {
    const { scene, record } = missed();
    scene.store('n2', record);
    expect(() => scene.drop('n3')).toThrow('not of its note for n2');
  });

  test('an owner removes its row', () => {
    const { scene, record } = missed();
    scene.store('n2', record);
    expect(() => scene.drop('n1')).toThrow('removes a row that it owns');
  });

  test('what a stand-in was rid of in the end is no loss, whatever its disk had lost before', () => {
    const { scene, record } = missed();
    scene.wipe('n3');
    for (const node of ['n2', 'n3']) scene.store(node, record);
    scene.drop('n3');
    scene.vanish('n2');
    expect(() => scene.wipe('n1')).toThrow('no disk holds');
  });
});

describe('how nodes see each other', () => {
  const DOWN = { 'n1 sees n2': 'down' } as const;

  function looks(scene: Scene, times: number, seen: Parameters<Scene['look']>[0] = {}): void {
    for (let i = 0; i < times; i++) scene.look(seen);
  }

  test('one that is well may be taken for gone for a while', () => {
    const scene = new Scene();
    looks(scene, 5, DOWN);
    looks(scene, 1);
    looks(scene, 5, DOWN);
  });

  test('and not for longer', () => {
    expect(() => looks(new Scene(), 8, DOWN)).toThrow('n2 is well');
  });

  test('but whoever stood still himself begins anew', () => {
    const scene = new Scene();
    looks(scene, 5, DOWN);
    scene.frozen.add('n1').add('n3');
    looks(scene, 1);
    scene.frozen.clear();
    looks(scene, 5, DOWN);
  });

  test('but as long as something is between', () => {
    const scene = new Scene();
    scene.clear = false;
    looks(scene, 20, DOWN);
    scene.clear = true;
    expect(() => looks(scene, 8, DOWN)).toThrow('n2 is well');
  });

  test('one that is gone may be taken for alive for a while, and not for longer', () => {
    const scene = new Scene();
    scene.gone.add('n2');
    looks(scene, 9);
    expect(() => looks(scene, 4)).toThrow('n2 is gone');
  });

  test('but as long as other things go on happening', () => {
    const scene = new Scene();
    scene.gone.add('n2');
    for (let i = 0; i < 20; i++) {
      scene.changes += 1;
      scene.look();
    }
  });

  test('a mind is changed twice without cause', () => {
    const scene = new Scene();
    for (const seen of [{}, DOWN, {}]) scene.look(seen);
    expect(() => scene.look(DOWN)).toThrow('changes its mind');
  });

  test('a mind is changed twice for one cause and once more for the next, or in a storm', () => {
    const scene = new Scene();
    for (const seen of [{}, DOWN, {}]) scene.look(seen);
    scene.changes += 1;
    for (const seen of [DOWN, {}]) scene.look(seen);
    scene.isStormy = true;
    for (const seen of [DOWN, {}, DOWN, {}]) scene.look(seen);
  });

  describe('when one of them has stood still', () => {
    function stoodStill(before: (scene: Scene) => void = () => {}): Scene {
      const scene = new Scene();
      looks(scene, 6);
      before(scene);
      scene.frozen.add('n1');
      looks(scene, 3);
      scene.frozen.delete('n1');
      return scene;
    }

    function suspects(scene: Scene, node: string): () => void {
      return () => {
        scene.suspicions.push(node);
        scene.look();
      };
    }

    test('it suspects another one', () => {
      expect(suspects(stoodStill(), 'n1')).toThrow('stood still');
    });

    test('the others may have suspected it', () => {
      suspects(stoodStill(), 'n2')();
    });

    test('it may suspect one that had stood still, too, or was cut off', () => {
      const still = (scene: Scene) => {
        scene.frozen.add('n2');
        scene.look();
        scene.frozen.delete('n2');
      };
      const foul = (scene: Scene) => {
        scene.clear = false;
        scene.look();
        scene.clear = true;
      };
      for (const before of [still, foul]) suspects(stoodStill(before), 'n1')();
    });

    test('what it suspected before, or does later, is another story', () => {
      const scene = stoodStill(before => before.suspicions.push('n1'));
      looks(scene, 5);
      suspects(scene, 'n1')();
    });
  });
});

/**
 * What is written down of the cluster, and when: on a disk that hangs, on one that fails, and under steady
 * news (I10).
 */
import { expect, test } from 'vitest';
import { bootId, clusterId, nodeName } from '../../src/base/ids.ts';
import type { FoundingSet } from '../../src/core/membership/cluster.ts';
import { aliveEntry } from '../../src/core/membership/view.ts';
import { ring } from '../../src/core/ring/ring.ts';
import { type Remembered, readClusterContent } from '../../src/membership/cluster-file.ts';
import { ClusterMemory, type Decided } from '../../src/membership/cluster-memory.ts';
import type { DurableFile, Held } from '../../src/ports/durable-file.ts';
import { StoreFailed } from '../../src/ports/store.ts';
import { KeptLog } from '../support/quiet.ts';
import { settled } from '../support/settled.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const N2 = nodeName('n2');
const MEMBER_2 = {
  name: N2,
  zone: 'here',
  weight: 1,
  address: 'n2:client',
  peerAddress: 'n2:peer',
  bootId: bootId('boot of n2'),
};
const MEMBERS = ['n1', 'n2'].map(name => ({ name: nodeName(name), zone: '', weight: 1 }));
const VOTE: FoundingSet = MEMBERS.map(member => ({ ...member, nonce: `of ${member.name}` }));
const BORN: Decided = {
  vote: VOTE,
  cluster: {
    id: clusterId('0123456789abcdef'),
    ring: ring({ members: MEMBERS, partitions: 4, replication: 2, epoch: 1 }),
  },
};

/** Each write waits until the test lets it end. */
class HeldFile implements DurableFile {
  readonly asked: Remembered[] = [];
  readonly #ends: ((failure?: StoreFailed) => void)[] = [];

  async read(): Promise<Held | undefined> {
    return undefined;
  }

  write(content: unknown): Promise<void> {
    this.asked.push(readClusterContent(content)!);
    return new Promise((resolve, reject) => {
      this.#ends.push(failure => (failure === undefined ? resolve() : reject(failure)));
    });
  }

  /** Ends the write that was asked for first. */
  async end(failure?: StoreFailed): Promise<void> {
    this.#ends.shift()!(failure);
    await settled();
  }

  /** The last batch of n2 that the newest write tells. */
  get told(): number | undefined {
    return this.asked.at(-1)?.heard.find(({ name }) => name === N2)?.store.lastBatch;
  }
}

class Scene {
  readonly clock = new VirtualClock();
  readonly file = new HeldFile();
  readonly log = new KeptLog();
  readonly memory: ClusterMemory;
  #batch = 0;

  constructor(decided: Decided = BORN) {
    const remembered: Remembered = { ...decided, members: [], heard: [] };
    this.memory = new ClusterMemory({ ...this, remembered, members: () => [aliveEntry(MEMBER_2, 1)] });
  }

  /** Beats for so long, each with or without news of the store of n2. */
  async beats(ms: number, { news }: { news: boolean }): Promise<void> {
    for (let passed = 0; passed < ms; passed += 500) {
      if (news) this.news();
      this.memory.beat();
      await this.clock.pass(500);
    }
  }

  news(): void {
    this.#batch += 1;
    this.memory.note({
      name: N2,
      bootId: bootId('boot of n2'),
      store: { id: 'store of n2', lastBatch: this.#batch },
    });
  }
}

test('on a disk that hangs no writes pile up, and the next takes along the newest', async () => {
  const scene = new Scene();
  const { file } = scene;
  await scene.beats(60_000, { news: true });
  await file.end();
  expect(file.asked).toHaveLength(1);
  await scene.beats(500, { news: false });
  expect([file.asked.length, file.told]).toEqual([2, 120]);
  await file.end();
  await scene.beats(10_000, { news: false });
  expect(file.asked).toHaveLength(2);
});

test('vote and ring wait for the write under way, then are one write, and end when durable', async () => {
  const scene = new Scene({ vote: undefined, cluster: undefined });
  const { file, memory } = scene;
  const ended: string[] = [];
  void memory.write({ vote: undefined, cluster: undefined }).then(() => ended.push('first'));
  await settled();
  void memory.write({ vote: VOTE, cluster: undefined }).then(() => ended.push('vote'));
  void memory.write(BORN).then(() => ended.push('ring'));
  await settled();
  expect(file.asked).toHaveLength(1);
  await file.end();
  expect([file.asked.length, ...ended]).toEqual([2, 'first']);
  expect(file.asked[1]).toMatchObject({ vote: VOTE, cluster: { id: BORN.cluster?.id } });
  await file.end();
  expect(ended).toEqual(['first', 'vote', 'ring']);
});

test('a vote that cannot be written is told to whoever waits for it', async () => {
  const { file, memory } = new Scene({ vote: undefined, cluster: undefined });
  const written = memory.write({ vote: VOTE, cluster: undefined });
  await settled();
  const failure = new StoreFailed('the disk is full');
  const refused = expect(written).rejects.toBe(failure);
  await file.end(failure);
  await refused;
});

test('what could not be written is tried again without news, and told once until it succeeds', async () => {
  const scene = new Scene();
  const { file, log } = scene;
  await scene.beats(500, { news: true });
  for (let tries = 1; tries <= 3; tries++) {
    expect([file.asked.length, file.told]).toEqual([tries, 1]);
    await file.end(new StoreFailed(`try ${tries}: the disk is full`));
    await scene.beats(2_000, { news: false });
  }
  expect(log.lines).toEqual([
    { event: 'the cluster file cannot be written', facts: { why: expect.stringContaining('try 1') } },
  ]);
  await file.end();
  await scene.beats(10_000, { news: false });
  expect(file.asked).toHaveLength(4);
  await scene.beats(500, { news: true });
  await file.end(new StoreFailed('full again'));
  expect(log.lines).toHaveLength(2);
});

test('steady news are written every two seconds, not with each beat, and the last of them too', async () => {
  const scene = new Scene();
  const { file } = scene;
  for (let second = 0; second < 20; second++) {
    await scene.beats(1_000, { news: true });
    if (second % 2 === 0) await file.end();
  }
  expect(file.asked).toHaveLength(10);
  await scene.beats(2_000, { news: false });
  expect([file.asked.length, file.told]).toEqual([11, 40]);
});

test('what is heard while a write is under way is not taken for written', async () => {
  const scene = new Scene();
  const { file } = scene;
  await scene.beats(500, { news: true });
  scene.news();
  await file.end();
  await scene.beats(2_500, { news: false });
  expect([file.asked.length, file.told]).toEqual([2, 2]);
});

test('that a member has moved is written; without a cluster nothing is', async () => {
  for (const [decided, writes] of [
    [BORN, 1],
    [{ vote: VOTE, cluster: undefined }, 0],
  ] as const) {
    const scene = new Scene(decided);
    scene.memory.moved();
    await scene.beats(1_000, { news: false });
    expect(scene.file.asked).toHaveLength(writes);
  }
});

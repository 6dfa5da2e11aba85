/**
 * One bit is flipped in each table, log and manifest of a stopped node, one at a time. LevelDB does not check
 * what it reads (measured), so Shoal has to: a damaged row is lost here, never served, never "not found"
 * (I12); what the log lost without a word makes the node recovering. LevelDB may also take the process with
 * it, by an assertion of its own: then it serves nothing, which is no lie.
 *
 * SEED=… repeats a run, TRIALS=… makes it longer.
 */
import { cp, link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bucket, type ReadOptions, ShoalError } from 'shoal';
import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/random.ts';
import { clientOf } from './support/clients.ts';
import { liveCluster } from './support/live-cluster.ts';
import type { LiveNode } from './support/live-node.ts';

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const TRIALS = Number(process.env.TRIALS ?? 6);

const VALUES = new Map<string, string>();

test(`a flipped bit is never served (SEED=${SEED})`, async () => {
  const random = new SeededRandom(SEED);
  const cluster = await liveCluster();
  const [healthy, damaged] = cluster.nodes;
  await fill(damaged!, random);
  const disk = await Disk.of(damaged!, join(cluster.folder, 'whole'));
  const through = cluster.nodes.map(node => clientOf(node).bucket('b'));
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const where = await disk.flip(trial, random);
    if (await serves(damaged!, where)) {
      await expectNoLie(through[1]!, { r: 1 }, where);
      for (const bucket of through) await expectEveryValue(bucket, where);
    }
    await damaged!.kill();
    await expectEveryValue(through[0]!, where);
    await disk.restore();
  }
  await damaged!.start();
  await expectEveryValue(clientOf(damaged!).bucket('b'), 'the whole disk');
  expect(healthy!.said('a damaged row was replaced from its other owners')).toEqual([]);
});

/**
 * Everything on all nodes; on this one in two tables and a log, since LevelDB makes a table of its log
 * whenever it opens.
 */
async function fill(node: LiveNode, random: SeededRandom): Promise<void> {
  for (const part of ['a', 'b', 'c']) {
    const bucket = clientOf(node).bucket('b');
    for (let number = 0; number < 20; number += 1) {
      const value = Buffer.from(random.bytes(300)).toString('base64');
      VALUES.set(`${part}${number}`, value);
      await bucket.put(`${part}${number}`, value, { w: 3, strict: true });
    }
    await node.stop();
    if (part !== 'c') await node.start();
  }
}

/** Or it says what is damaged, or LevelDB's assertion does. */
async function serves(node: LiveNode, where: string): Promise<boolean> {
  node.launch();
  const serving = await node.serving().then(
    () => true,
    () => false,
  );
  if (serving) return true;
  const last = node.lines.at(-1);
  const ending = await node.ended();
  if (ending?.signal === 'SIGABRT') expect(node.log, where).toMatch(/Assertion/);
  else
    expect({ ...ending, last }, where).toEqual({
      code: 1,
      signal: null,
      last: expect.stringContaining('damaged'),
    });
  return false;
}

/**
 * The value, nothing at all, or a typed error: one replica alone may have lost a row with all that was known
 * of it.
 */
async function expectNoLie(bucket: Bucket, options: ReadOptions, where: string): Promise<void> {
  const answers = [...VALUES].map(async ([key, value]) => {
    const shown = await bucket.get(key, options).catch(error => error);
    if (shown instanceof ShoalError) expect(shown, where).toMatchObject({ reason: 'QUORUM_UNREACHABLE' });
    else if (shown.exists) expect(shown.values, `${key} with ${where}`).toEqual([value]);
  });
  await Promise.all(answers);
}

async function expectEveryValue(bucket: Bucket, where: string): Promise<void> {
  const answers = [...VALUES].map(async ([key, value]) => {
    expect((await bucket.get(key)).values, `${key} with ${where}`).toEqual([value]);
  });
  await Promise.all(answers);
}

/**
 * The disk of a stopped node, whole, to go back to. The identity file is kept by a link, not by a copy: it
 * knows its inode, and a node on a copied directory is recovering from its first moment, which would hide
 * what is to be seen here.
 */
class Disk {
  readonly #data: string;
  readonly #whole: string;

  private constructor(data: string, whole: string) {
    this.#data = data;
    this.#whole = whole;
  }

  static async of({ spec: { data } }: LiveNode, whole: string): Promise<Disk> {
    await cp(data, whole, { recursive: true });
    await rm(join(whole, 'identity.json'));
    await link(join(data, 'identity.json'), join(whole, 'identity.json'));
    return new Disk(data, whole);
  }

  async restore(): Promise<void> {
    const identity = join(this.#data, 'identity.json');
    await rm(identity, { force: true });
    await link(join(this.#whole, 'identity.json'), identity);
    await rm(join(this.#data, 'store'), { recursive: true });
    for (const name of ['store', 'floor', 'cluster.json']) {
      await cp(join(this.#whole, name), join(this.#data, name), { recursive: true });
    }
  }

  /** Flips a random bit in one file after the other; says which. */
  async flip(trial: number, random: SeededRandom): Promise<string> {
    const store = join(this.#data, 'store');
    const files = (await readdir(store)).filter(name => /\.ldb$|\.log$|^MANIFEST/.test(name)).sort();
    const file = files[trial % files.length]!;
    const bytes = await readFile(join(store, file));
    const bit = random.below(bytes.length * 8);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    await writeFile(join(store, file), bytes);
    return `bit ${bit} of ${file} flipped`;
  }
}

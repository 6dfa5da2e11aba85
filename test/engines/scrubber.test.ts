import { describe, expect, it } from 'vitest';
import { segment } from '../../src/base/ids.ts';
import type { SegmentPlace } from '../../src/ports/comparisons.ts';
import type { Scrubbed, Scrubbing } from '../../src/ports/scrubbing.ts';
import { StoreFailed } from '../../src/ports/store.ts';
import { Scrubber } from '../../src/repair/scrubber.ts';
import { dataKey, indexKey } from '../../src/replica/layout.ts';
import { Counters } from '../../src/system/counters.ts';
import { TestCluster } from '../support/cluster.ts';
import { TestKey, wrongSums } from '../support/cluster-disks.ts';
import { KeptLog } from '../support/quiet.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const HOUR_MS = 3_600_000;

/** A disk of so many steps, each as given. */
class Steps implements Scrubbing {
  faulted = false;
  /** When each began, and where. */
  readonly begun: { readonly at: number; readonly from: SegmentPlace }[] = [];
  fails: (from: SegmentPlace) => boolean = () => false;
  underWay = 0;
  readonly clock = new VirtualClock();
  readonly #count: number;
  readonly #step: Pick<Scrubbed, 'rows' | 'bytes'>;

  constructor(count: number, step: Pick<Scrubbed, 'rows' | 'bytes'>) {
    this.#count = count;
    this.#step = step;
  }

  async step(from: SegmentPlace): Promise<Scrubbed> {
    this.begun.push({ at: this.clock.now(), from });
    expect(this.underWay).toBe(0);
    this.underWay += 1;
    await new Promise<void>(resolve => void this.clock.after(3, resolve));
    this.underWay -= 1;
    if (this.fails(from)) throw new StoreFailed('the disk of this test cannot be read');
    const at = from.segment + 1;
    return { ...this.#step, busy: 0, next: at < this.#count ? { ...from, segment: segment(at) } : undefined };
  }
}

function scrubbing(steps: Steps) {
  const [log, metrics] = [new KeptLog(), new Counters()];
  const scrubber = new Scrubber({ scrub: steps, clock: steps.clock, log, metrics });
  scrubber.start();
  return {
    scrubber,
    log,
    metrics,
    clock: steps.clock,
    passes: () => metrics.snapshot().get('scrub.passes') ?? 0,
  };
}

describe('the scrub goes', () => {
  it('one step after the other, no faster than its rows and bytes are worth', async () => {
    for (const step of [
      { rows: 32, bytes: 8_000 },
      { rows: 4, bytes: 1024 * 1024 },
    ]) {
      const steps = new Steps(1_000, step);
      const { clock } = scrubbing(steps);
      await clock.pass(100_000);
      const rate = steps.begun.length / 95;
      expect(rate * step.rows).toBeLessThan(70);
      expect(rate * step.bytes).toBeLessThan(300_000);
      expect(steps.begun.length).toBeGreaterThan(20);
    }
  });

  it('from the beginning again after each pass, but not all the time on a small disk', async () => {
    const steps = new Steps(3, { rows: 10, bytes: 1_000 });
    const { clock, passes } = scrubbing(steps);
    await clock.pass(HOUR_MS);
    expect(passes()).toBeGreaterThan(55);
    expect(passes()).toBeLessThan(62);
    expect(new Set(steps.begun.map(({ from }) => from.segment))).toEqual(new Set([0, 1, 2]));
  });

  it('on behind what cannot be read, and says so', async () => {
    const steps = new Steps(3, { rows: 10, bytes: 1_000 });
    steps.fails = from => from.partition === 0 && from.segment === 1;
    const { clock, log } = scrubbing(steps);
    await clock.pass(10_000);
    expect(steps.begun.at(-1)?.from.partition).toBe(1);
    expect(log.lines).toHaveLength(1);
  });

  it('no further when it is stopped, or the disk has failed', async () => {
    for (const end of ['stop', 'fault'] as const) {
      const steps = new Steps(1_000, { rows: 10, bytes: 1_000 });
      const { clock, scrubber } = scrubbing(steps);
      await clock.pass(10_000);
      if (end === 'stop') scrubber.stop();
      else steps.faulted = true;
      const before = steps.begun.length;
      await clock.pass(10_000);
      expect(steps.begun.length - before).toBeLessThanOrEqual(1);
      expect(clock.pending).toBe(0);
    }
  });
});

describe('what nobody reads, on one of three nodes,', () => {
  async function written() {
    const cluster = await TestCluster.serving(3);
    const keys = Array.from({ length: 5 }, (_, i) => new TestKey(cluster, `k${i}`));
    for (const key of keys) await key.put('n2', 'v', { w: 3 });
    return { cluster, key: keys[0]! };
  }

  const isSame = (key: TestKey) => key.digests().size === 3 && new Set(key.digests().values()).size === 1;

  it('and has a flipped bit is found and replaced', async () => {
    const { cluster, key } = await written();
    key.damage('n1');
    await cluster.until(() => cluster.counted('scrub.damaged', 'n1') === 1, 'it is found');
    await cluster.until(() => isSame(key), 'it is mended');
    expect(cluster.counted('scrub.drift')).toBe(0);
    expect(await wrongSums(cluster, 'n1')).toEqual([]);
  });

  it('and was silently lost is found and brought back by the others', async () => {
    const { cluster, key } = await written();
    cluster.seat('n1').disk.store.lose(dataKey(key.place));
    await cluster.until(() => cluster.counted('scrub.drift', 'n1') === 1, 'it is found');
    await cluster.until(() => isSame(key), 'it is brought back');
    await cluster.clock.pass(200_000);
    expect(cluster.counted('scrub.drift')).toBe(1);
    expect(await wrongSums(cluster, 'n1')).toEqual([]);
  });

  it('and is not in the index any more is there again, and nothing else happens', async () => {
    const { cluster, key } = await written();
    cluster.seat('n1').disk.store.lose(indexKey(key.place));
    await cluster.until(() => cluster.counted('scrub.drift', 'n1') === 1, 'it is found');
    await cluster.clock.pass(1_000);
    expect(await wrongSums(cluster, 'n1')).toEqual([]);
    expect(cluster.counted('repair.fetched')).toBe(0);
  });
});

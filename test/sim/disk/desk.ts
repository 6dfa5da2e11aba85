/** For tests of the simulated disk: a disk, its process, and time; rows written as `a=1`. */
import { Buffer } from 'node:buffer';
import { SeededRandom } from '../../../src/base/random.ts';
import type { Durability } from '../../../src/core/membership/identity.ts';
import type { Operation, Store } from '../../../src/ports/store.ts';
import { MachineClock } from '../time/machine-clock.ts';
import { Process } from '../time/process.ts';
import { World } from '../time/world.ts';
import { Trace } from '../trace.ts';
import { type DiskPorts, SimDisk } from './disk.ts';

export const PLAN = { writeMs: { min: 1, usual: 2 }, slowShare: 0 };
export const SEEDS = Array.from({ length: 40 }, (_, seed) => seed);

/** A disk with nothing but time around it. */
export class Desk {
  readonly world = new World(new Trace({ keep: true }));
  /** What the disk told of its batches. */
  readonly committed: string[] = [];
  readonly disk: SimDisk;
  process!: Process;

  constructor({ seed = 1, durability = 'fsync' as Durability, plan = PLAN } = {}) {
    this.disk = new SimDisk({
      world: this.world,
      random: new SeededRandom(seed),
      name: 'n1',
      plan,
      durability,
      onCommitted: batch => this.committed.push(batch.map(({ key, value }) => `${key}=${value}`).join(' ')),
    });
  }

  boot(): DiskPorts {
    const { world } = this;
    const clock = new MachineClock({ world, rate: 1, wallOffMs: 0 });
    this.process = new Process({ world, name: 'n1', clock });
    return this.disk.open(this.process);
  }

  end(how: 'kill' | 'power cut'): void {
    this.process.end();
    this.disk.crashed(how);
  }

  /** Lets time pass until the promise is settled, or for a second. */
  async done<T>(promise: Promise<T>): Promise<T | 'unheard of'> {
    let over = false;
    const end = () => {
      over = true;
    };
    promise.then(end, end);
    const settled = await this.world.run({ until: () => over, ms: 1_000 });
    return settled ? promise : 'unheard of';
  }

  async pass(ms: number): Promise<void> {
    await this.world.run({ until: () => false, ms });
  }

  /** `a=1 b=1`. */
  get rows(): string {
    const rows = [...this.disk.rows()].map(([key, value]) => `${key}=${value}`);
    return rows.sort().join(' ');
  }
}

/** `a=1`, or `a=` to remove it. */
export function put(...rows: readonly string[]): readonly Operation[] {
  return rows.map(row => {
    const [key, value] = row.split('=') as [string, string];
    return { key: Buffer.from(key), value: value === '' ? undefined : Buffer.from(value) };
  });
}

/** What comes of it, over many seeds. */
export async function outcomes(run: (seed: number) => Promise<string>): Promise<readonly string[]> {
  const all = await Promise.all(SEEDS.map(run));
  return [...new Set(all)].sort();
}

export async function writeAll(desk: Desk, store: Store, rows: readonly string[]): Promise<void> {
  for (const row of rows) await desk.done(store.write(put(row)));
}

/** Written by a process that was killed then. */
export async function written(rows: readonly string[], desk: Desk): Promise<Desk> {
  await writeAll(desk, desk.boot().store, rows);
  desk.end('kill');
  return desk;
}

/** As {@link Desk.rows}, but asked of the store. */
export async function scanned({ disk }: Desk): Promise<string> {
  const all = { from: Buffer.of(0), to: Buffer.of(255), limit: 100 };
  return (await disk.asStore().scan(all)).map(({ key, value }) => `${key}=${value}`).join(' ');
}

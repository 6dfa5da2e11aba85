/** Images of every disk, as backups and snapshots of machines have them, so that any may be set back: taken each second, and at each clean stop. */
import type { SimCluster } from './cluster.ts';
import type { DiskImage } from './disk/disk.ts';
import type { Machine } from './machine.ts';

const EVERY_MS = 1_000;
const KEPT = 30;

export class Backups {
  readonly #cluster: SimCluster;
  readonly #images = new Map<string, { at: number; image: DiskImage }[]>();
  /** As it was at the end of the last clean stop: what a careful operator copies. */
  readonly #clean = new Map<string, DiskImage>();
  #over = false;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
  }

  begin(): void {
    const { world, machines } = this.#cluster;
    if (this.#over) return;
    for (const { name, disk } of machines) {
      const kept = this.#images.get(name) ?? [];
      kept.push({ at: world.now, image: disk.snapshot() });
      this.#images.set(name, kept.slice(-KEPT));
    }
    world.after(EVERY_MS, () => this.begin());
  }

  end(): void {
    this.#over = true;
  }

  stopped({ name, disk }: Machine): void {
    this.#clean.set(name, disk.snapshot());
  }

  /** Undefined when there is none, or nothing has changed since. */
  of({ name, disk }: Machine, which: { toCleanStop: boolean; backMs: number }): DiskImage | undefined {
    const until = this.#cluster.world.now - which.backMs;
    const image = which.toCleanStop
      ? this.#clean.get(name)
      : this.#images.get(name)?.findLast(({ at }) => at <= until)?.image;
    return image === undefined || isSame(image, disk.snapshot()) ? undefined : image;
  }
}

/** Rows are replaced, never changed. */
function isSame({ log: one }: DiskImage, { log: other }: DiskImage): boolean {
  return (
    one.rows.size === other.rows.size && [...one.rows].every(([key, row]) => other.rows.get(key) === row)
  );
}

/**
 * Images of every disk, as backups and snapshots of machines have them, so that any may be set back: taken
 * each second, and at each clean stop.
 */
import type { SimCluster } from '../cluster.ts';
import type { DiskImage } from '../disk/disk.ts';
import type { Machine } from '../machine.ts';

const EVERY_MS = 1_000;
const KEPT = 30;

interface Backup {
  readonly at: number;
  readonly image: DiskImage;
}

export class Backups {
  readonly #cluster: SimCluster;
  readonly #images = new Map<string, Backup[]>();
  /** As it was at the ends of clean stops: what a careful operator copies. */
  readonly #clean = new Map<string, Backup[]>();
  #over = false;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
  }

  begin(): void {
    const { world, machines } = this.#cluster;
    if (this.#over) return;
    for (const machine of machines) this.#keep(this.#images, machine);
    world.after(EVERY_MS, () => this.begin());
  }

  end(): void {
    this.#over = true;
  }

  stopped(machine: Machine): void {
    this.#keep(this.#clean, machine);
  }

  #keep(backups: Map<string, Backup[]>, { name, disk }: Machine): void {
    const kept = backups.get(name) ?? [];
    kept.push({ at: this.#cluster.world.now, image: disk.snapshot() });
    backups.set(name, kept.slice(-KEPT));
  }

  /** The last that is at least so old. Undefined when there is none, or nothing has changed since. */
  of({ name, disk }: Machine, which: { toCleanStop: boolean; backMs: number }): DiskImage | undefined {
    const until = this.#cluster.world.now - which.backMs;
    const backups = which.toCleanStop ? this.#clean : this.#images;
    const image = backups.get(name)?.findLast(({ at }) => at <= until)?.image;
    return image === undefined || isSame(image, disk.snapshot()) ? undefined : image;
  }
}

/** Rows are replaced, never changed. */
function isSame({ log: one }: DiskImage, { log: other }: DiskImage): boolean {
  return (
    one.rows.size === other.rows.size && [...one.rows].every(([key, row]) => other.rows.get(key) === row)
  );
}

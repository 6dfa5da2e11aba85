/** What lies on the disks of a {@link TestCluster}, read as the next process would find it. */
import { type NodeName, nodeName } from '../../src/base/ids.ts';
import { type KeyPlace, placeKey } from '../../src/core/ring/placement.ts';
import { preferenceList } from '../../src/core/ring/ring.ts';
import { decodeRow, type Row } from '../../src/core/rows/row.ts';
import { noteRow } from '../../src/replica/hint-index.ts';
import { dataKey, hintKey, hintRange, readHintKey } from '../../src/replica/layout.ts';
import type { TestCluster } from './cluster.ts';
import { TestClient } from './cluster-client.ts';
import { unsound } from './sound-store.ts';

const BUCKET = 'b';

/** A key of the test, the nodes that have to do with it, and what they hold. */
export class TestKey extends TestClient {
  readonly cluster: TestCluster;
  readonly place: KeyPlace;
  readonly primaries: readonly string[];
  readonly fallbacks: readonly string[];

  constructor(cluster: TestCluster, key = 'k') {
    super(cluster, { bucket: BUCKET, key });
    this.cluster = cluster;
    this.place = placeKey({ bucket: BUCKET, key });
    const { ring } = cluster.node(cluster.names[0]!).overview.status().cluster!;
    const list = preferenceList(ring, this.place.partition);
    this.primaries = list.primaries;
    this.fallbacks = list.fallbacks;
  }

  row(at: string): Row | 'damaged' | undefined {
    const bytes = this.cluster.seat(at).disk.store.get(dataKey(this.place));
    return bytes && decodeRow(bytes, this.place);
  }

  /** The digest, in hex, of every row of this key; nodes without one are left out. */
  digests(): ReadonlyMap<string, string> {
    const rows = this.cluster.names.map(name => [name, this.row(name)] as const);
    return new Map(
      rows.flatMap(([name, row]) =>
        row === undefined || row === 'damaged' ? [] : [[name, hex(row.sealed.digest)] as const],
      ),
    );
  }

  damage(at: string): void {
    // Behind the row's own header, in the sealed record.
    this.cluster.seat(at).disk.store.flipBit(dataKey(this.place), 8 * 60);
  }

  /** On the disk of `at` there is a note that `target` has not got this key, whatever that is. */
  async note(at: string, target: string): Promise<void> {
    const { store } = this.cluster.seat(at).disk;
    const atMs = this.cluster.clock.wall();
    await store.write([noteRow({ target: nodeName(target), place: this.place, atMs })]);
  }

  /** The disk of `at` has lost all notes of this key. */
  forgetNotes(at: string): void {
    for (const target of this.primaries)
      this.cluster.seat(at).disk.store.lose(hintKey(nodeName(target), this.place));
  }

  /** The nodes that `at` has noted as missing this key. */
  async hints(at: string): Promise<readonly NodeName[]> {
    const entries = await this.cluster.seat(at).disk.store.scan({ ...hintRange(), limit: 1000 });
    return entries
      .map(({ key }) => readHintKey(key)!)
      .filter(({ place }) => place.key === this.key)
      .map(({ target }) => nodeName(target));
  }
}

/** What a node keeps beside its rows and is not what they say (I7), in words; none when all is well. */
export async function wrongSums(cluster: TestCluster, at: string): Promise<readonly string[]> {
  return await unsound(cluster.seat(at).disk.store);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

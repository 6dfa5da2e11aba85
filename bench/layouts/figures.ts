/**
 * How rows are best laid out on disk (ARCHITECTURE.md, "On disk"): what three layouts cost to write, to list
 * a segment of and to find a bucket in, beside each other.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { atTheEnd, withFolder } from '../left-over.ts';
import type { Figure } from '../stage/figure.ts';
import { tell } from '../stage/progress.ts';
import { LAYOUTS, type Layout } from './layouts.ts';

/** Of one layout. */
export interface Costs {
  /** CPU of a row that comes, compaction included. */
  readonly loadUs: number;
  /** CPU of a row that is replaced, compaction of all included: a fifth of the rows were. */
  readonly updateUs: number;
  /** On disk, compacted, for each row. */
  readonly bytes: number;
  /** CPU to list a segment with its digests. */
  readonly listUs: number;
  /** CPU to find the keys of a bucket in all partitions. */
  readonly scanMs: number;
}

const MEASURE = fileURLToPath(new URL('./measure.js', import.meta.url));
const KEPT: Layout = 'index row';
const SHOWN: readonly (readonly [keyof Costs, what: string, unit: string])[] = [
  ['loadUs', 'a row comes', 'µs of CPU'],
  ['updateUs', 'a row is replaced', 'µs of CPU'],
  ['bytes', 'on disk, a row', 'bytes'],
  ['listUs', 'a segment is listed', 'µs of CPU'],
  ['scanMs', '500 keys of a bucket are found', 'ms of CPU'],
];

export async function layoutFigures(rows: number): Promise<readonly Figure[]> {
  const costs = new Map<Layout, Costs>();
  for (const layout of LAYOUTS) {
    costs.set(layout, await withFolder(path => costsOf(layout, { rows, folder: join(path, 'store') })));
    tell(`layouts: ${layout}`);
  }
  const kept = costs.get(KEPT)!;
  const others = LAYOUTS.filter(layout => layout !== KEPT);
  return SHOWN.map(([cost, what, unit]) => {
    const ratios = others.map(
      layout => `${(costs.get(layout)![cost] / kept[cost]).toFixed(2)} × with ${layout}`,
    );
    return {
      what: `${rows} rows: ${what}`,
      measured: `${kept[cost].toFixed(1)} ${unit}; ${ratios.join(', ')}`,
    };
  });
}

/** In a process of its own, which ends with this one at the latest. */
async function costsOf(layout: Layout, { rows, folder }: { rows: number; folder: string }): Promise<Costs> {
  const child = spawn(process.execPath, [MEASURE, layout, String(rows), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = atTheEnd(() => void child.kill('SIGKILL'));
  const [told, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  end();
  if (code !== 0) throw new Error(`"${layout}" could not be measured`);
  return JSON.parse(told) as Costs;
}

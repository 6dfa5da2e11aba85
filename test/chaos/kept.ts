/** What is kept of a run that found something: what each node said, what clients were told, what was done. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LiveCluster } from '../processes/support/nodes.ts';
import type { Ran } from './page.ts';

/** @returns the folder, named for whoever reads the failure */
export function keep({ nodes }: LiveCluster, ran: Ran | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-chaos-kept-'));
  for (const { spec, lines } of nodes) writeFileSync(join(folder, `${spec.name}.log`), text(lines));
  if (ran === undefined) return folder;
  const { operations, calls, struck, findings } = ran;
  writeFileSync(join(folder, 'findings'), text(findings));
  for (const [name, rows] of Object.entries({ operations, calls, struck }))
    writeFileSync(join(folder, `${name}.jsonl`), text(rows.map(row => JSON.stringify(row))));
  return folder;
}

function text(lines: readonly string[]): string {
  return lines.map(line => `${line}\n`).join('');
}

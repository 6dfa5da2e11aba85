/**
 * Every command line of the README runs against a cluster as it stands there; only the ports are those of the
 * test.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { codeIn } from '../house/support/markdown.ts';
import { liveCluster } from './support/live-cluster.ts';
import { MAIN } from './support/live-node.ts';
import { type Run, run } from './support/shoal.ts';

const BUF = fileURLToPath(new URL('../../node_modules/.bin/buf', import.meta.url));
const README = { path: 'README.md', text: readFileSync(new URL('../../README.md', import.meta.url), 'utf8') };

/**
 * What a reader has: `shoal` by its alias, and grpcurl, played by `buf curl`, which needs the same and prints
 * the same.
 */
const READER = `
shoal() { node '${MAIN}' "$@"; }
grpcurl() {
  if [ "$3" = list ]; then '${BUF}' curl --protocol grpc --list-services "http://$2"; return; fi
  '${BUF}' curl --protocol grpc -d "$3" "http://$4/$5"
}
`;

/** Lines that ask a cluster for something, in the README's order. */
const LINES = codeIn(README)
  .map(({ text }) => text.trim())
  .filter(text => /^(shoal (put|get|delete|status|locate|repair)|grpcurl -plaintext) /.test(text));

test('every command of the README does what it says', async () => {
  const cluster = await liveCluster();
  const address = new Map(
    cluster.nodes.map(({ spec }, index) => [`127.0.0.1:${7400 + 10 * index}`, spec.listen]),
  );
  const SHOAL_ADDR = cluster.nodes[0]!.spec.listen;
  let last: Run = { code: 0, out: '', err: '' };
  expect(LINES.length).toBeGreaterThan(10);
  for (const line of LINES) {
    const context = /"context": "([^"]*)"/.exec(last.out)?.[1] ?? '';
    const here = line
      .replace('PASTE IT HERE', context)
      .replaceAll(/127\.0\.0\.1:74\d0/g, known => address.get(known) ?? known);
    last = await run('bash', ['-c', `${READER}\n${here}`], { SHOAL_ADDR }).ended;
    expect(last.code, `${line}\n${last.err}`).toBe(Number(/# exit (\d)/.exec(line)?.[1] ?? 0));
    const value = /^shoal get .*# (?!exit)([a-z]+)/.exec(line)?.[1];
    if (value !== undefined) expect(last.out, line).toBe(value);
  }
});

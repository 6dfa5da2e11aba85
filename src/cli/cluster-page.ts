/** What `shoal cluster` says to people: where its nodes are, and lines to be pasted. */
import { basename, relative } from 'node:path';
import { type NodeProcess, type NodeSpec, nodeArguments } from './node-process.ts';

export interface ClusterPage {
  readonly specs: readonly NodeSpec[];
  /** In the order of the specs. */
  readonly nodes: readonly NodeProcess[];
  readonly folder: string;
  readonly temporary: boolean;
}

export function clusterPage({ specs, nodes, folder, temporary }: ClusterPage): string {
  const first = specs[0]!.listen;
  const last = specs.at(-1)!.listen;
  const request = `'{"bucket": "fruits", "key": "apple"}'`;
  const rows = specs.map(
    ({ name, listen }, index) => `  ${name.padEnd(4)} ${listen}  pid ${nodes[index]!.pid}`,
  );
  return `
${specs.length === 1 ? 'One node serves' : `All ${specs.length} nodes serve`}:
${rows.join('\n')}

In another terminal, write through one node and read through another:
  ${shoal('put', 'fruits', 'apple', 'red', '--addr', first)}
  ${shoal('get', 'fruits', 'apple', '--addr', last)}

Any gRPC client will do:
  grpcurl -plaintext -d ${request} ${last} shoal.v1.KV/Get
  npx buf curl --protocol grpc -d ${request} http://${last}/shoal.v1.KV/Get

Data: ${folder}${temporary ? ', removed at the end' : ''}. Ctrl-C stops all nodes.
`;
}

/** The line that starts such a node by hand. */
export function startLine(spec: NodeSpec): string {
  return shoal(...nodeArguments(spec));
}

/** A line for the shell, with the command called as it was called now. */
function shoal(...args: readonly string[]): string {
  const script = process.argv[1] ?? '';
  const command = basename(script) === 'shoal' ? ['shoal'] : ['node', relative(process.cwd(), script)];
  return [...command, ...args].map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

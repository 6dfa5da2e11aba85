/** `shoal cluster`: its flags, and where its nodes live. What it does with them is in ../local-cluster.ts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { NODES_MAX } from '../../core/limits.ts';
import { CommandFailed, EXIT } from '../exit.ts';
import { nodesHeld } from '../held-nodes.ts';
import { type Io, PROCESS } from '../io.ts';
import { runLocalCluster } from '../local-cluster.ts';
import type { NodeSpec } from '../node-process.ts';
import { count } from '../sentences.ts';
import { wholeNumber } from '../whole-number.ts';

interface Flags {
  readonly nodes: number;
  readonly basePort: number;
  readonly data: string | undefined;
  readonly durability: string;
}

const HOST = '127.0.0.1';
/** From one node's client port to the next one's; a node's peer port is the one above its client port. */
const PORT_STEP = 10;
const BASE_PORT_MAX = 65_535 - PORT_STEP * NODES_MAX;

const EXAMPLES = `
Examples:
  shoal cluster                                 three nodes, forgotten at the end
  shoal cluster --data data                     kept for the next time
  shoal cluster --nodes 5 --base-port 17400     five, on other ports`;

export function clusterCommand(program: Command, io: Io = PROCESS): void {
  program
    .command('cluster')
    .summary('run several nodes on this machine, until Ctrl-C')
    .description(
      'Runs nodes n1 … nN as processes on loopback and prints how to talk to them. n1 listens for clients on the base port and for ' +
        'other nodes on the port above, n2 ten ports further, and so on. A node that dies is reported, not restarted.',
    )
    .addOption(
      new Option('--nodes <n>', 'how many nodes')
        .env('SHOAL_NODES')
        .default(3)
        .argParser(wholeNumber({ min: 1, max: NODES_MAX })),
    )
    .addOption(
      new Option('--base-port <port>', 'client port of the first node')
        .env('SHOAL_BASE_PORT')
        .default(7400)
        .argParser(wholeNumber({ min: 1, max: BASE_PORT_MAX })),
    )
    .addOption(
      new Option('--data <dir>', 'keep data here (default: a temporary folder, removed at the end)').env(
        'SHOAL_DATA',
      ),
    )
    .addOption(
      new Option('--durability <mode>', 'what an acknowledgement waits for: the disk or the operating system')
        .env('SHOAL_DURABILITY')
        .choices(['fsync', 'os'])
        .default('fsync'),
    )
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => runCluster(flags, io));
}

async function runCluster(flags: Flags, io: Io): Promise<void> {
  await checkHeld(flags);
  const temporary = flags.data === undefined;
  const folder = flags.data ?? (await mkdtemp(join(tmpdir(), 'shoal-')));
  try {
    process.exitCode = await runLocalCluster(specsOf(flags, folder), { folder, temporary, io });
  } finally {
    if (temporary) await rm(folder, { recursive: true, force: true });
  }
}

/**
 * More would wait for ever, because a new node cannot join a founded cluster; fewer would leave copies out of
 * reach.
 */
async function checkHeld({ data, nodes }: Flags): Promise<void> {
  const held = data === undefined ? undefined : await nodesHeld(data);
  if (held === undefined || held === nodes) return;
  const line = `shoal: ${data} holds ${count(held, 'node')}; give --nodes ${held} or another --data`;
  throw new CommandFailed(EXIT.error, line);
}

function specsOf({ nodes, basePort, durability }: Flags, folder: string): readonly NodeSpec[] {
  const ports = Array.from({ length: nodes }, (_, index) => basePort + PORT_STEP * index);
  return ports.map((port, index) => ({
    name: `n${index + 1}`,
    data: join(folder, `n${index + 1}`),
    listen: `${HOST}:${port}`,
    peerListen: `${HOST}:${port + 1}`,
    join: ports.map(other => `${HOST}:${other + 1}`),
    expect: nodes,
    more: ['--durability', durability, '--log', 'text'],
  }));
}

/** The `shoal` command with all its subcommands. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { clusterCommand } from './commands/cluster.ts';
import { deleteCommand } from './commands/delete.ts';
import { getCommand } from './commands/get.ts';
import { loadCommand } from './commands/load.ts';
import { locateCommand } from './commands/locate.ts';
import { nodeCommand } from './commands/node.ts';
import { putCommand } from './commands/put.ts';
import { repairCommand } from './commands/repair.ts';
import { statusCommand } from './commands/status.ts';
import { usageError } from './exit.ts';
import { type Io, PROCESS } from './io.ts';

/** In the order of the help. */
const COMMANDS: readonly ((program: Command, io: Io) => void)[] = [
  clusterCommand,
  nodeCommand,
  putCommand,
  getCommand,
  deleteCommand,
  statusCommand,
  locateCommand,
  repairCommand,
  loadCommand,
];

const EXAMPLES = `
Flags can be given as variables, too: --addr as SHOAL_ADDR; the help of each command names them.

To begin:
  shoal cluster                 three nodes on this machine
  shoal put fruits apple red    in another terminal
  shoal get fruits apple`;

export function createProgram(io: Io = PROCESS): Command {
  const program = new Command('shoal')
    .description('A key-value store without a leader: stays readable and writable while nodes are down.')
    .version(version())
    .exitOverride()
    .configureOutput({
      writeOut: text => io.out(text),
      writeErr: text => io.err(text.trimEnd()),
      outputError: (text, write) => write(usageError(text)),
    })
    .addHelpText('after', EXAMPLES);
  for (const add of COMMANDS) add(program, io);
  return program;
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return String(JSON.parse(readFileSync(file, 'utf8')).version);
}

/** `shoal locate`. */
import type { Command } from 'commander';
import { type AskFlags, addAskFlags, withClient } from '../data-flags.ts';
import { type Io, PROCESS } from '../io.ts';
import { locationPage } from '../location-page.ts';
import { protoJson } from '../proto-json.ts';

const EXAMPLES = `
The key need not exist: where it would live follows from its name.

Examples:
  shoal locate carts ann`;

export function locateCommand(program: Command, io: Io = PROCESS): void {
  const command = program
    .command('locate')
    .summary('which nodes hold a key')
    .description('Shows the partition of a key, the nodes that own it, and those that stand in for them.')
    .argument('<bucket>')
    .argument('<key>');
  addAskFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async (bucket: string, key: string, flags: AskFlags) => {
      const location = await withClient(flags, client => client.locate(bucket, key));
      const json = flags.output === 'json';
      io.out(json ? `${protoJson('Cluster/Locate', location)}\n` : locationPage(location));
    });
}

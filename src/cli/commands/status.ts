/** `shoal status`. */
import type { Command } from 'commander';
import { type AskFlags, addAskFlags, withClient } from '../data-flags.ts';
import { type Io, PROCESS } from '../io.ts';
import { protoJson } from '../proto-json.ts';
import { statusResponse } from '../responses.ts';
import { statusPage } from '../status-page.ts';

const EXAMPLES = `
It shows what one node knows, one of --addr that answers. With -o json also what it
counts, and how busy it is just now (door.*, loop.late-ms, peers.suspect).

Examples:
  shoal status
  shoal status --addr 127.0.0.1:7410`;

export function statusCommand(program: Command, io: Io = PROCESS): void {
  const command = program
    .command('status')
    .summary('who is up, and what a node is doing')
    .description('Shows a node, the members of its cluster as it sees them, and what is still awaited.');
  addAskFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: AskFlags) => {
      const status = await withClient(flags, client => client.status());
      const json = flags.output === 'json';
      io.out(json ? `${protoJson('Cluster/Status', statusResponse(status))}\n` : statusPage(status));
    });
}

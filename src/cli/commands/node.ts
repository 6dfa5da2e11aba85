/** `shoal node`: one node of a cluster, in the foreground. */
import type { Command } from 'commander';
import { type Io, PROCESS } from '../io.ts';
import { addNodeFlags, type NodeFlags } from '../node-flags.ts';
import { serve } from '../serve.ts';

const EXAMPLES = `
Every flag can be given as a variable, too: --peer-listen as SHOAL_PEER_LISTEN. SIGTERM drains and closes; a second one ends at once.

Examples:
  shoal node --name n1 --data data/n1                        a cluster of one
  shoal node --name n1 --data data/n1 --expect 3 \\
    --join 10.0.0.2:7401,10.0.0.3:7401 \\
    --listen 10.0.0.1:7400 --peer-listen 10.0.0.1:7401       one of three that found a cluster, in any order of start
`;

export function nodeCommand(program: Command, io: Io = PROCESS): void {
  const command = program
    .command('node')
    .summary('run one node of a cluster')
    .description(
      'Runs a node until it is told to end. With --expect N it founds a cluster with the N − 1 others it meets at --join; with ' +
        'neither it is a cluster of one. A node that was in a cluster returns to it, and one that was wiped returns to it under ' +
        'its old name. A new node cannot join a cluster that is founded, in this version.',
    );
  addNodeFlags(command)
    .addHelpText('after', EXAMPLES)
    .action((flags: NodeFlags) => serve(flags, io).finally(exitSoon));
}

/**
 * The one command that does not wait until nothing is left to do: 1. another node is frozen; 2. gRPC closes
 * its connection to it only when that node has closed its end, so it keeps this process; 3. a node that is
 * told to end would never end. By now the doors, the store and the floor are closed and the log is written;
 * the exit code is set before the next turn (main.ts).
 */
function exitSoon(): void {
  setImmediate(() => process.exit());
}

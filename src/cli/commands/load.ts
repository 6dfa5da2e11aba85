/** `shoal load`: its flags, what it says. How load is put on is in ../load/. */
import type { Command } from 'commander';
import { type Io, PROCESS } from '../io.ts';
import { addLoadFlags, type LoadFlags } from '../load-flags.ts';

const EXAMPLES = `
A closed loop (the default) begins an operation when another has ended, so a slow cluster is asked less. An open loop (--rate) has
operations arrive at a fixed rate, and counts their latency from when they were to begin, also if this process was late. One that
arrives while --in-flight are under way is given up and counted as not started; it is in no latency.

Updates and deletes write over what was last seen of the key, by the context of the last reply. --check remembers every key that was
written, and takes it that nobody else writes to the bucket meanwhile. Ctrl-C ends early, with the figures so far.

Exit codes: 1 when --check misses an acknowledged write or cannot read one, or when no operation at all succeeded.

Examples:
  shoal load --load                                   workload a: half reads, half updates, of 10 000 keys
  shoal load --workload b --in-flight 256 --seconds 60
  shoal load --mix read=90,update=9,delete=1 --rate 2000 --check
  shoal load --workload c --addr h1:7400,h2:7400 -o json --hgrm reads.hgrm`;

export function loadCommand(program: Command, io: Io = PROCESS): void {
  const command = program
    .command('load')
    .summary('put load on a cluster and measure it')
    .description(
      'Puts reads and writes on a cluster and shows how many it does, how long they take, and what failed.',
    );
  addLoadFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: LoadFlags) => {
      // Read when it is needed: the histograms take longer to load than other commands take altogether.
      const { putLoad } = await import('../load/put-load.ts');
      await putLoad(flags, io);
    });
}

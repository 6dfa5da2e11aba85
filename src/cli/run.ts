/** Runs the command, and turns whatever happens into an exit code and a line on stderr. */
import { givenAddresses } from './data-flags.ts';
import { EXIT, type ExitCode, endingOf } from './exit.ts';
import { type Io, PROCESS } from './io.ts';
import { createProgram } from './program.ts';

/**
 * @param args those after `node` and the script
 * @returns the exit code; never rejects
 */
export async function run(args: readonly string[], io: Io = PROCESS): Promise<ExitCode> {
  const program = createProgram(io);
  let addr: string | undefined;
  program.hook('preAction', (_, command) => {
    addr = givenAddresses(command);
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    const { exitCode, line } = endingOf(error, addr);
    if (line !== undefined) io.err(line);
    return exitCode;
  }
}

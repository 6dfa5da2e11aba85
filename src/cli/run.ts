/** Runs the command, and turns whatever happens into an exit code and a line on stderr. */
import { EXIT, type ExitCode, endingOf } from './exit.ts';
import { type Io, PROCESS } from './io.ts';
import { createProgram } from './program.ts';

/**
 * @param args those after `node` and the script
 * @returns the exit code; never rejects
 */
export async function run(args: readonly string[], io: Io = PROCESS): Promise<ExitCode> {
  try {
    await createProgram(io).parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    const { exitCode, line } = endingOf(error);
    if (line !== undefined) io.err(line);
    return exitCode;
  }
}

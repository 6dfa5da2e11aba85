/**
 * How a command ends (DESIGN §12): exit codes for scripts, one line on stderr for people, which says what to
 * do. Commands throw; the code is set once, in main.ts, and nobody calls process.exit, which would cut off
 * what is still being written; but for a node, which has closed what it wrote to (commands/node.ts).
 */
import { CommanderError } from 'commander';
import { ShoalError } from '../base/errors.ts';
import { adviceFor } from './advice.ts';

export const EXIT = { done: 0, error: 1, usage: 2, notFound: 3, siblings: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command that cannot end with 0, and why. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode: ExitCode;

  /** @param line for stderr */
  constructor(exitCode: ExitCode, line: string) {
    super(line);
    this.exitCode = exitCode;
  }
}

export interface Ending {
  readonly exitCode: ExitCode;
  /** For stderr; undefined when all is said. */
  readonly line: string | undefined;
}

/** @param addr the nodes that were named to the command, as --addr takes them */
export function endingOf(error: unknown, addr?: string): Ending {
  if (error instanceof CommandFailed) return { exitCode: error.exitCode, line: error.message };
  if (error instanceof CommanderError) return endingOfCommander(error);
  if (error instanceof ShoalError) return { exitCode: EXIT.error, line: `shoal: ${explain(error, addr)}` };
  return { exitCode: EXIT.error, line: `shoal: ${unexpected(error)}` };
}

/** It has printed its message, or the help that was asked for. */
function endingOfCommander(error: CommanderError): Ending {
  return { exitCode: error.exitCode === 0 ? EXIT.done : EXIT.usage, line: undefined };
}

/** In one line, with what to do. */
export function explain({ reason, message }: Pick<ShoalError, 'reason' | 'message'>, addr?: string): string {
  const advice = adviceFor(reason, addr);
  return oneLine(advice === undefined ? message : `${message}; ${advice}`);
}

/**
 * The system's errors (a file, a port) explain themselves; anything else is a defect, and its stack is
 * wanted.
 */
function unexpected(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? oneLine(error.message) : (error.stack ?? error.message);
}

/** What was typed wrongly, in the words of commander. */
export function usageError(text: string): string {
  return `shoal: ${oneLine(text)
    .replace(/^error: /, '')
    .replace(/\.$/, '')}; see --help`;
}

/** Whatever a message holds, it is one line on stderr. */
export function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}

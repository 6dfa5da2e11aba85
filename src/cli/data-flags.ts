/**
 * The flags of the commands that ask a cluster for something, checked: what is wrong with them is a usage
 * error.
 */
import { Buffer } from 'node:buffer';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseAddresses } from '../client/addresses.ts';
import { type Client, connect } from '../client/index.ts';
import { DEADLINE_MS_DEFAULT } from '../client/options.ts';
import { wholeNumber } from './whole-number.ts';

export interface AskFlags {
  /** Client addresses. */
  readonly addr: readonly string[];
  readonly deadline: number;
  readonly output: 'text' | 'json';
}

export interface ReadFlags extends AskFlags {
  readonly r: number;
  readonly strict?: boolean;
}

export interface WriteFlags extends AskFlags {
  readonly w: number;
  readonly strict?: boolean;
  readonly context?: Uint8Array;
}

const ADDRESS_DEFAULT = '127.0.0.1:7400';
const DEADLINE_MS_MAX = 24 * 60 * 60 * 1000;
const UINT32_MAX = 2 ** 32 - 1;
/** Commander takes any value of a variable for "on", these too. */
const OFF: readonly (string | undefined)[] = ['', '0', 'false', 'no', 'off'];

/** @param deadlineMs when nothing is said */
export function addAskFlags(command: Command, deadlineMs = DEADLINE_MS_DEFAULT): Command {
  return command
    .addOption(
      new Option('--addr <host:port,…>', 'client addresses of nodes; when one fails the next is asked')
        .env('SHOAL_ADDR')
        .default([ADDRESS_DEFAULT], ADDRESS_DEFAULT)
        .argParser(addresses),
    )
    .addOption(
      new Option('--deadline <ms>', 'how long it may take, retries included')
        .env('SHOAL_DEADLINE')
        .default(deadlineMs)
        .argParser(wholeNumber({ min: 1, max: DEADLINE_MS_MAX })),
    )
    .addOption(
      new Option('-o, --output <form>', 'text, or the response as proto3 JSON')
        .env('SHOAL_OUTPUT')
        .choices(['text', 'json'])
        .default('text'),
    );
}

export function addReadFlags(command: Command): Command {
  const r = replies('--r <n>', 'replies needed, 1 to N (0: the default)').env('SHOAL_R');
  return addAskFlags(command.addOption(r).addOption(strict()));
}

/** @param contextHelp what the command does with a context */
export function addWriteFlags(command: Command, contextHelp: string): Command {
  const w = replies('--w <n>', 'acknowledgements needed, 1 to N (0: the default)').env('SHOAL_W');
  const context = new Option('--context <base64>', contextHelp).argParser(base64);
  return addAskFlags(command.addOption(context).addOption(w).addOption(strict()));
}

/** Uses a client of the addresses given, and closes it. */
export async function withClient<T>(
  { addr, deadline }: AskFlags,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const client = connect({ addresses: addr, deadlineMs: deadline });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** The nodes that were named on the command line; undefined: none, or by the variable, which stays set. */
export function givenAddresses(command: Command): string | undefined {
  if (command.getOptionValueSource('addr') !== 'cli') return undefined;
  return command.opts<AskFlags>().addr.join(',');
}

function replies(flags: string, description: string): Option {
  return new Option(flags, description).default(0).argParser(wholeNumber({ min: 0, max: UINT32_MAX }));
}

function strict(): Option {
  const option = new Option('--strict', 'count only primaries of the key, no fallbacks');
  return OFF.includes(process.env.SHOAL_STRICT?.toLowerCase()) ? option : option.env('SHOAL_STRICT');
}

function addresses(text: string): readonly string[] {
  try {
    return parseAddresses(text);
  } catch (error) {
    throw new InvalidArgumentError((error as TypeError).message);
  }
}

/** Node's own decoder drops what it does not understand; a context cut or mistyped is to be found here. */
function base64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  const same = bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '');
  if (same && bytes.byteLength > 0) return bytes;
  throw new InvalidArgumentError('expected base64, as get prints it');
}

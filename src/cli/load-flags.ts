/**
 * The flags of `shoal load`, checked: what is wrong with them is a usage error, said before anything is sent.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ShoalError } from '../base/errors.ts';
import { checkNames, VALUE_BYTES_MAX } from '../core/limits.ts';
import { type AskFlags, addReadFlags } from './data-flags.ts';
import { CHOICES, type Choice, type Mix, parseMix, WORKLOADS } from './load/mix.ts';
import { VALUE_BYTES_MIN } from './load/values.ts';
import { wholeNumber } from './whole-number.ts';

export interface LoadFlags extends AskFlags {
  readonly workload: keyof typeof WORKLOADS;
  readonly mix?: Mix;
  readonly distribution?: Choice;
  readonly bucket: string;
  readonly keys: number;
  readonly valueSize: number;
  readonly clients: number;
  readonly inFlight?: number;
  readonly rate?: number;
  readonly seconds?: number;
  readonly operations?: number;
  readonly warmUp: number;
  readonly load?: true;
  readonly check?: true;
  readonly blind?: true;
  readonly contexts: number;
  readonly r: number;
  readonly w: number;
  readonly strict?: boolean;
  readonly unary?: true;
  readonly seed?: number;
  readonly pids?: readonly number[];
  readonly hgrm?: string;
}

const KEYS_MAX = 1e9;
const CLIENTS_MAX = 1_000;
const IN_FLIGHT_MAX = 100_000;
const RATE_MAX = 1e6;
const SECONDS_MAX = 7 * 24 * 60 * 60;
const CONTEXTS_MAX = 10_000_000;
const UINT32_MAX = 2 ** 32 - 1;
const PID_MAX = 2 ** 22;

const MIX_HELP = 'expected kinds and their shares, for example read=50,update=45,insert=5 (also rmw, delete)';

export function addLoadFlags(command: Command): Command {
  addWhatFlags(command);
  addHowFlags(command);
  addAroundFlags(command);
  const w = number('--w <n>', 'acknowledgements needed, 1 to N (0: the default)', [0, UINT32_MAX]);
  addReadFlags(command.addOption(w.env('SHOAL_W').default(0)));
  describe(command, '--deadline', 'how long an operation may take, retries included');
  describe(command, '--output', 'text, or all figures as JSON');
  return command;
}

/** What a flag of all commands means for this one. */
function describe(command: Command, flag: string, description: string): void {
  for (const option of command.options) if (option.long === flag) option.description = description;
}

function addWhatFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--workload <letter>',
        'of YCSB: a (half updates), b (5 % updates), c (reads), d (reads of the latest, 5 % inserts), f (half read-modify-write)',
      )
        .choices(Object.keys(WORKLOADS))
        .default('a'),
    )
    .addOption(
      new Option('--mix <kind=share,…>', 'another mix of read, update, insert, rmw, delete')
        .argParser(mix)
        .conflicts('workload'),
    )
    .addOption(
      new Option(
        '--distribution <name>',
        'how keys are chosen (default: zipfian 0.99; latest for d)',
      ).choices(CHOICES),
    )
    .addOption(new Option('--bucket <name>', 'where the keys are').default('load').argParser(bucket))
    .addOption(number('--keys <n>', 'how many keys there are', [1, KEYS_MAX]).default(10_000))
    .addOption(
      number('--value-size <bytes>', 'of each value', [VALUE_BYTES_MIN, VALUE_BYTES_MAX]).default(100),
    )
    .addOption(
      new Option('--blind', 'updates stand beside what is there, instead of over what was last seen'),
    )
    .addOption(
      number(
        '--contexts <n>',
        'of how many keys to remember the last context; updates of others write over whatever is there',
        [1, CONTEXTS_MAX],
      ).default(100_000),
    );
}

function addHowFlags(command: Command): Command {
  return command
    .addOption(
      number('--clients <n>', 'SDK clients, each with its own connections', [1, CLIENTS_MAX]).default(1),
    )
    .addOption(
      number('--in-flight <n>', 'operations under way at once (default: 64; with --rate at most 4096)', [
        1,
        IN_FLIGHT_MAX,
      ]),
    )
    .addOption(
      number('--rate <ops/s>', 'operations that arrive each second whatever becomes of them (open loop)', [
        1,
        RATE_MAX,
      ]),
    )
    .addOption(
      number('--seconds <n>', 'end after so long (default: 10, unless --operations)', [1, SECONDS_MAX]),
    )
    .addOption(number('--operations <n>', 'end after so many', [1, Number.MAX_SAFE_INTEGER]))
    .addOption(
      number('--warm-up <s>', 'seconds before that, left out of the figures', [0, SECONDS_MAX]).default(2),
    )
    .addOption(new Option('--unary', 'one gRPC call per operation instead of a stream'))
    .addOption(number('--seed <n>', 'draws the same operations again', [0, UINT32_MAX]));
}

function addAroundFlags(command: Command): Command {
  return command
    .addOption(new Option('--load', 'write every key once before'))
    .addOption(new Option('--check', 'read back every acknowledged write afterwards; exit 1 if one is lost'))
    .addOption(
      new Option(
        '--pids <pid,…>',
        'processes whose CPU to show (default: the nodes, if they run here)',
      ).argParser(pids),
    )
    .addOption(new Option('--hgrm <file>', 'write the latencies for plotters of HdrHistogram'));
}

function number(flags: string, description: string, [min, max]: readonly [number, number]): Option {
  return new Option(flags, description).argParser(wholeNumber({ min, max }));
}

/** Else every operation would be refused for it, one by one. */
function bucket(text: string): string {
  try {
    checkNames({ bucket: text, key: 'any' });
    return text;
  } catch (error) {
    throw new InvalidArgumentError((error as ShoalError).detail);
  }
}

function mix(text: string): Mix {
  const parsed = parseMix(text);
  if (parsed) return parsed;
  throw new InvalidArgumentError(MIX_HELP);
}

function pids(text: string): readonly number[] {
  return text.split(',').map(each => wholeNumber({ min: 1, max: PID_MAX })(each.trim()));
}

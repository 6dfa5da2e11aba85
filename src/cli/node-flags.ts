/**
 * The flags of `shoal node`, checked: what is wrong with them is a usage error, said before anything is
 * opened.
 */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { NODES_MAX } from '../core/limits.ts';
import { WEIGHT_MAX } from '../core/ring/limits.ts';
import type { WayTogether } from '../node.ts';
import type { Durability } from '../storage/level-store.ts';
import type { LogForm } from '../system/log.ts';
import { parseAddress } from './address.ts';
import { wholeNumber } from './whole-number.ts';

export interface NodeFlags {
  readonly name: string;
  readonly data: string;
  readonly listen: string;
  readonly peerListen: string;
  /** Peer addresses; empty without the flag. */
  readonly join: readonly string[];
  readonly expect?: number;
  readonly zone: string;
  readonly weight: number;
  readonly durability: Durability;
  readonly log?: LogForm;
  readonly parentPipe?: true;
  /** For tests only. */
  readonly without?: ReadonlySet<WayTogether>;
}

/** Names stand in logs, tables and folders; they sort alike everywhere. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Addresses to listen on that nobody else can reach a node by. */
const ANYWHERE = ['0.0.0.0', '::'];

export function addNodeFlags(command: Command): Command {
  return command
    .addOption(required('--name <name>', 'its name in the cluster', 'SHOAL_NAME').argParser(name))
    .addOption(required('--data <dir>', 'its data directory, made when missing', 'SHOAL_DATA'))
    .addOption(
      new Option('--listen <host:port>', 'address for clients')
        .env('SHOAL_LISTEN')
        .default('127.0.0.1:7400')
        .argParser(listening),
    )
    .addOption(
      new Option('--peer-listen <host:port>', 'address for other nodes')
        .env('SHOAL_PEER_LISTEN')
        .default('127.0.0.1:7401')
        .argParser(listening),
    )
    .addOption(
      new Option('--join <host:port,…>', 'peer addresses of nodes to meet')
        .env('SHOAL_JOIN')
        .default([], 'none')
        .argParser(addresses),
    )
    .addOption(
      new Option('--expect <n>', 'found a cluster as soon as n nodes have met')
        .env('SHOAL_EXPECT')
        .argParser(wholeNumber({ min: 1, max: NODES_MAX })),
    )
    .addOption(
      new Option('--zone <zone>', 'what it fails together with: a rack, a room; copies go to different zones')
        .env('SHOAL_ZONE')
        .default('')
        .argParser(zone),
    )
    .addOption(
      new Option('--weight <n>', 'its share of the data relative to the others')
        .env('SHOAL_WEIGHT')
        .default(1)
        .argParser(wholeNumber({ min: 1, max: WEIGHT_MAX })),
    )
    .addOption(
      new Option('--durability <mode>', 'what an acknowledgement waits for: the disk or the operating system')
        .env('SHOAL_DURABILITY')
        .choices(['fsync', 'os'])
        .default('fsync'),
    )
    .addOption(
      new Option('--log <form>', 'how it writes its log to stderr (default: text to a terminal, else json)')
        .env('SHOAL_LOG')
        .choices(['text', 'json']),
    )
    .addOption(new Option('--parent-pipe', 'end when stdin closes').hideHelp())
    .addOption(
      new Option('--without <ways>', 'for tests: what is not to bring owners together')
        .env('SHOAL_WITHOUT')
        .argParser(waysTogether)
        .hideHelp(),
    );
}

function required(flags: string, description: string, env: string): Option {
  return new Option(flags, description).env(env).makeOptionMandatory();
}

function name(text: string): string {
  if (NAME.test(text)) return text;
  throw new InvalidArgumentError('expected up to 64 letters, digits, dots, dashes and underscores');
}

function zone(text: string): string {
  if (text === '' || NAME.test(text)) return text;
  throw new InvalidArgumentError('expected up to 64 letters, digits, dots, dashes and underscores');
}

/** Others are told the address a node listens on, so it must be one that they can reach. */
function listening(text: string): string {
  const { host } = parseAddress(text);
  if (!ANYWHERE.includes(host)) return text;
  throw new InvalidArgumentError('expected one address of this machine, since others are told it');
}

const WAYS_TOGETHER: readonly WayTogether[] = ['read-repair', 'hints', 'anti-entropy'];

function waysTogether(text: string): ReadonlySet<WayTogether> {
  const named = text.split(',').map(way => WAYS_TOGETHER.find(known => known === way));
  if (named.includes(undefined))
    throw new InvalidArgumentError(`expected some of ${WAYS_TOGETHER.join(', ')}, with commas between`);
  return new Set(named.filter(way => way !== undefined));
}

function addresses(text: string): readonly string[] {
  const each = text
    .split(',')
    .map(address => address.trim())
    .filter(address => address !== '');
  for (const address of each) parseAddress(address);
  return [...new Set(each)];
}

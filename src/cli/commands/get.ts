/** `shoal get`: the bare value on stdout and nothing else, so that it can be piped; all else on stderr. */
import type { Command } from 'commander';
import { Option } from 'commander';
import type { Entry, Value } from '../../client/index.ts';
import { addReadFlags, givenAddresses, type ReadFlags, withClient } from '../data-flags.ts';
import { CommandFailed, EXIT } from '../exit.ts';
import { type Io, PROCESS } from '../io.ts';
import { protoJson } from '../proto-json.ts';
import { keyResponse } from '../responses.ts';
import { count, inOrderOfTime, siblingLines } from '../sentences.ts';
import { wholeNumber } from '../whole-number.ts';

interface Flags extends ReadFlags {
  readonly sibling?: number;
}

interface Showing extends Flags {
  /** The nodes that were named. */
  readonly given: string | undefined;
}

const LINE_FEED = 0x0a;

const EXAMPLES = `
Exit codes: 3 when the key is absent, 4 when it has several versions after concurrent writes; those are listed on stderr.

Examples:
  shoal get carts ann
  shoal get carts ann --sibling 2          one of several versions
  shoal get carts ann -o json              with its context, for put --context
  shoal get carts ann --r 3 --strict       all primaries, no stand-ins`;

export function getCommand(program: Command, io: Io = PROCESS): void {
  const command = program
    .command('get')
    .summary('read a key')
    .description('Prints the value of a key, as it is; to a terminal with a line end.')
    .argument('<bucket>')
    .argument('<key>')
    .addOption(
      new Option('--sibling <number>', 'print this one of several versions').argParser(
        wholeNumber({ min: 1, max: 1e6 }),
      ),
    );
  addReadFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async (bucket: string, key: string, flags: Flags) => {
      const { r, strict } = flags;
      const entry = await withClient(flags, client => client.bucket(bucket).get(key, { r, strict }));
      if (flags.output === 'json') io.out(`${protoJson('KV/Get', keyResponse(entry))}\n`);
      show(entry, { ...flags, given: givenAddresses(command) }, io);
    });
}

function show(entry: Entry, { sibling, output, given }: Showing, io: Io): void {
  const { bucket, key, siblings } = entry;
  if (!entry.exists) throw new CommandFailed(EXIT.notFound, `${bucket}/${key} is not there`);
  if (siblings.length > 1 && sibling === undefined) {
    throw new CommandFailed(EXIT.siblings, siblingLines(entry, given).join('\n'));
  }
  const value = inOrderOfTime(siblings)[(sibling ?? 1) - 1]?.value;
  if (value === undefined) {
    throw new CommandFailed(
      EXIT.error,
      `shoal: no version ${sibling}: ${bucket}/${key} has ${count(siblings.length, 'version')}`,
    );
  }
  if (output === 'text') print(value, io);
}

/** To a terminal with a line end, so that the prompt stands on a line of its own. */
function print(value: Value, io: Io): void {
  io.out(value);
  const ends = typeof value === 'string' ? value.endsWith('\n') : value.at(-1) === LINE_FEED;
  if (io.terminal && !ends) io.out('\n');
}

/** `shoal put`. */
import type { Command } from 'commander';
import { Option } from 'commander';
import type { Bucket, Value } from '../../client/index.ts';
import { checkValueSize, VALUE_BYTES_MAX } from '../../core/limits.ts';
import { countFirst } from '../count-first.ts';
import { addWriteFlags, type WriteFlags, withClient } from '../data-flags.ts';
import { usageError } from '../exit.ts';
import { type Io, PROCESS } from '../io.ts';
import { protoJson } from '../proto-json.ts';
import { keyResponse } from '../responses.ts';
import { putSentence } from '../sentences.ts';

interface Flags extends WriteFlags {
  readonly blind?: true;
}

const EXAMPLES = `
Without --context it writes over whatever is there.

Examples:
  shoal put carts ann 'eggs, milk'
  shoal put photos ann - < ann.jpg                  the value from stdin
  shoal put carts ann eggs --addr h1:7400,h2:7400   through whichever answers
  shoal put carts ann 'eggs, milk' --context AQ==   over what a get has shown, beside all else
  shoal put carts ann -- -5                         a value that begins with -`;

export function putCommand(program: Command, io: Io = PROCESS): void {
  const command = program
    .command('put')
    .summary('write a key')
    .description('Writes a key. Without --context and --blind it says how many versions that replaced.')
    .argument('<bucket>')
    .argument('<key>')
    .argument('<value>', "the value; '-' reads it from stdin, as text if it is UTF-8 and as bytes if not")
    .addOption(new Option('--blind', 'replace nothing: stand beside what is there').conflicts('context'));
  addWriteFlags(command, 'replace what this context has seen (from get)')
    .configureOutput({ outputError: (text, write) => write(usageError(withHint(text))) })
    .addHelpText('after', EXAMPLES)
    .action((bucket: string, key: string, value: string, flags: Flags) =>
      withClient(flags, async client => {
        await put({ bucket: client.bucket(bucket), key, value: await valueFrom(value, io) }, flags, io);
      }),
    );
}

async function put(
  { bucket, key, value }: { bucket: Bucket; key: string; value: Value },
  flags: Flags,
  io: Io,
): Promise<void> {
  const { context, blind, w, strict, output } = flags;
  const wanted = !context && !blind && output === 'text';
  const { replaced, deadlineMs } = await countFirst({ bucket, key, deadlineMs: flags.deadline, wanted });
  const after = context && { bucket: bucket.name, key, context };
  const written = await bucket.put(key, value, { after, blind, w, strict, deadlineMs });
  if (output === 'json') io.out(`${protoJson('KV/Put', keyResponse(written))}\n`);
  else io.out(`${putSentence(written, replaced)}\n`);
}

/** Commander takes a value that begins with a dash for a flag. */
function withHint(text: string): string {
  const unknown = /unknown option '-[^']*'\s*$/.test(text);
  return unknown ? `${text.trimEnd()}; a value that begins with - goes behind --` : text;
}

async function valueFrom(argument: string, io: Io): Promise<Value> {
  if (argument !== '-') return argument;
  const bytes = await io.input(VALUE_BYTES_MAX + 1);
  checkValueSize(bytes.byteLength);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}

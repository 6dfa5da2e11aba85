/** `shoal delete`. */
import type { Command } from 'commander';
import type { Bucket } from '../../client/index.ts';
import { countFirst } from '../count-first.ts';
import { addWriteFlags, type WriteFlags, withClient } from '../data-flags.ts';
import { type Io, PROCESS } from '../io.ts';
import { protoJson } from '../proto-json.ts';
import { keyResponse } from '../responses.ts';
import { deleteSeenSentence, deleteSentence } from '../sentences.ts';

const EXAMPLES = `
Without --context it removes whatever is there. To delete what is absent is no error.

Examples:
  shoal delete carts ann
  shoal delete carts ann --context AQ==    only what a get has shown`;

export function deleteCommand(program: Command, io: Io = PROCESS): void {
  const command = program
    .command('delete')
    .summary('remove a key')
    .description('Removes a key. Without --context it says how many versions that were.')
    .argument('<bucket>')
    .argument('<key>');
  addWriteFlags(command, 'remove only what this context has seen (from get)')
    .addHelpText('after', EXAMPLES)
    .action((bucket: string, key: string, flags: WriteFlags) =>
      withClient(flags, client => remove({ bucket: client.bucket(bucket), key }, flags, io)),
    );
}

async function remove(
  { bucket, key }: { bucket: Bucket; key: string },
  flags: WriteFlags,
  io: Io,
): Promise<void> {
  const { context, w, strict, output } = flags;
  const wanted = !context && output === 'text';
  const { replaced, deadlineMs } = await countFirst({ bucket, key, deadlineMs: flags.deadline, wanted });
  const after = context && { bucket: bucket.name, key, context };
  const written = await bucket.delete(key, { after, w, strict, deadlineMs });
  if (output === 'json') io.out(`${protoJson('KV/Delete', keyResponse(written))}\n`);
  else io.out(`${after ? deleteSeenSentence(written) : deleteSentence(written, replaced)}\n`);
}

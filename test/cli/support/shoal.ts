/** The `shoal` command in this process, with its streams held. */
import type { Io } from '../../../src/cli/io.ts';
import { run } from '../../../src/cli/run.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  /** As bytes: values need not be text. */
  readonly raw: Buffer;
  /** Lines. */
  readonly err: readonly string[];
}

export async function shoal(
  args: readonly string[],
  stdin: string | Uint8Array = '',
  { terminal = false }: { readonly terminal?: boolean } = {},
): Promise<Ran> {
  const out: Uint8Array[] = [];
  const err: string[] = [];
  const io: Io = {
    out: content => void out.push(Buffer.from(content as string)),
    err: line => void err.push(...line.split('\n')),
    terminal,
    columns: 80,
    input: async bytesMax => Buffer.from(stdin as string).subarray(0, bytesMax),
  };
  const code = await run(args, io);
  const raw = Buffer.concat(out);
  return { code, out: raw.toString(), raw, err };
}

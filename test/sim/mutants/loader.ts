/**
 * The module hook that makes a mutant: `node:module` runs it in a thread of its own, and asks it for every
 * module that is loaded.
 */
import { type Edit, edited } from './mutate.ts';

interface Loaded {
  readonly format: string;
  readonly source?: string | Uint8Array | ArrayBuffer;
}

/** `build/sim/`, which holds `src/` and `test/` as compiled. */
const ROOT = new URL('../../../', import.meta.url);

let edits: readonly Edit[] = [];

/** Called once, with what `register` was given. */
export function initialize(given: readonly Edit[]): void {
  edits = given;
}

export async function load(
  url: string,
  context: object,
  next: (url: string, context: object) => Promise<Loaded>,
): Promise<Loaded> {
  const mine = edits.filter(({ file }) => url === compiled(file));
  const loaded = await next(url, context);
  if (mine.length === 0) return loaded;
  return {
    ...loaded,
    source: mine.reduce(edited, Buffer.from(loaded.source as Uint8Array).toString('utf8')),
  };
}

function compiled(file: string): string {
  return new URL(file.replace(/\.ts$/, '.js'), ROOT).href;
}

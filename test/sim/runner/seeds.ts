/**
 * Which seeds are run: first a hundred that the commit's id gives, so that whoever looks at this commit sees
 * the same ones, then fresh ones, so that every run looks where none has looked.
 */
import { execFileSync } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';

export const COMMIT_SEEDS = 100;
/** Without git: some hundred seeds, the same for all. */
const NO_COMMIT = 'no commit';

export interface Commit {
  readonly id: string | undefined;
  /** Something in the working tree is not in it. */
  readonly changed: boolean;
}

export function thisCommit(): Commit {
  const id = git('rev-parse', 'HEAD');
  return { id, changed: id !== undefined && git('status', '--porcelain') !== '' };
}

/** For people: `3f82ef5c1d (with uncommitted changes)`. */
export function nameOf({ id, changed }: Commit): string {
  if (id === undefined) return 'unknown (not a git checkout)';
  return changed ? `${id.slice(0, 10)} (with uncommitted changes)` : id.slice(0, 10);
}

/** Seeds without end. */
export function* seedsOf(commit: Commit, fresh: () => number = () => randomInt(2 ** 32)): Generator<number> {
  for (let i = 0; i < COMMIT_SEEDS; i++) yield seedFrom(`${commit.id ?? NO_COMMIT} ${i}`);
  for (;;) yield fresh();
}

function seedFrom(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}

/** Undefined when git, or its repository, is not there. */
function git(...words: readonly string[]): string | undefined {
  try {
    return execFileSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

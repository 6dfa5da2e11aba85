/**
 * What can be wrong with a data directory at the start, and what its operator should do: one line each
 * (DESIGN §12). "Wipe" is advised only where data is lost anyway, never for what passes: a full disk, missing
 * rights, a second process.
 */
import { StartUpError } from '../base/errors.ts';
import { StoreFailed } from '../ports/store.ts';
import { FileDamaged } from './durable-file.ts';
import { errorCode } from './files.ts';

/** Which directory, and of which node. */
export interface Named {
  readonly path: string;
  readonly name: string;
}

export function damaged({ path, name }: Named, { what, cause }: Damage): StartUpError {
  return new StartUpError(`data directory ${path} is damaged (${what})`, {
    advice: `put it back as it was, or wipe all of it and start again as --name ${name}: the node comes back recovering from its peers`,
    cause,
  });
}

export interface Damage {
  readonly what: string;
  readonly cause?: unknown;
}

/** Any error met while a data directory was being opened, as the operator should see it. */
export function startUpError(named: Named, error: unknown): StartUpError {
  if (error instanceof StartUpError) return error;
  if (error instanceof FileDamaged) return damaged(named, { what: error.why, cause: error });
  const cause = error instanceof StoreFailed ? error.cause : error;
  const code = errorCode(cause);
  const { message } = cause as Error;
  if (code === 'LEVEL_LOCKED') return used(named, cause);
  if (code === 'LEVEL_CORRUPTION') return damaged(named, { what: message, cause });
  if (code === undefined && NO_CURRENT.test(message)) {
    return damaged(named, { what: 'the CURRENT file of the store is gone', cause });
  }
  if (code === 'LEVEL_IO_ERROR' && NO_SUCH_FILE.test(message))
    return damaged(named, { what: message, cause });
  return unusable(named, cause);
}

/**
 * LevelDB's words for a folder without CURRENT, and for a file that CURRENT or MANIFEST names in vain; it has
 * no codes for them.
 */
const NO_CURRENT = /does not exist \(create_if_missing is false\)/;
const NO_SUCH_FILE = /No such file or directory/;

function used({ path }: Named, cause: unknown): StartUpError {
  return new StartUpError(`data directory ${path} is used by another process`, {
    advice: 'stop that process, or give this node a directory of its own',
    cause,
  });
}

function unusable({ path }: Named, cause: unknown): StartUpError {
  return new StartUpError(`data directory ${path} cannot be used (${(cause as Error).message})`, {
    advice: 'check its path, rights and free space, or choose another with --data',
    cause,
  });
}

/**
 * Loads `src/link/….ts?mutant=7`, and all that it imports from that folder, with the seventh mutant put in.
 */
import type { Plugin } from 'vitest/config';
import { edited } from '../../sim/mutants/mutate.ts';
import { MUTANTS, type Mutant } from './all.ts';

const QUERY = /\?mutant=(\d+)$/;
/** They lead to the others. */
const TRUNKS = /\/(?:(?:lasting|asking|answering)-link|outbox)\.ts$/;

export function linkMutants(): Plugin {
  return {
    name: 'link-mutants',
    enforce: 'pre',
    async resolveId(source, importer = '') {
      const query = QUERY.exec(importer)?.[0];
      if (query === undefined || !source.startsWith('./')) return null;
      const resolved = await this.resolve(source, importer.replace(QUERY, ''), { skipSelf: true });
      const isWanted =
        resolved !== null && (TRUNKS.test(resolved.id) || isIn(resolved.id, mutantOf(importer)));
      return isWanted ? resolved.id + query : resolved;
    },
    transform(code, id) {
      const mutant = mutantOf(id);
      return mutant !== undefined && isIn(id.replace(QUERY, ''), mutant)
        ? { code: edited(code, mutant), map: null }
        : null;
    },
  };
}

function mutantOf(id: string): Mutant | undefined {
  return MUTANTS[Number(QUERY.exec(id)?.[1] ?? -1)];
}

function isIn(file: string, mutant: Mutant | undefined): boolean {
  return mutant !== undefined && file.endsWith(`/src/link/${mutant.file}`);
}

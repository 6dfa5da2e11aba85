/** What a source imports, by its `import` and `export … from` statements. */
import { posix } from 'node:path';
import { lineOf, type Source } from './sources.ts';

export interface Import {
  readonly line: number;
  /** A source below src (`core/ring/ring.ts`), or a module's name (`node:zlib`, `pino`). */
  readonly target: string;
  /** Whether the target is a module, not a source. */
  readonly isModule: boolean;
  /** Erased by the compiler: nothing of it runs. */
  readonly typeOnly: boolean;
  /** As the other side calls them; empty for `import * as` and default imports. */
  readonly names: readonly string[];
}

const STATEMENT = /\b(?:import|export)\s+(type\s+)?(?:([^'";=()]*?)\s+from\s+)?'([^']+)'/g;
const DYNAMIC = /\bimport\s*\(\s*'([^']+)'/g;

export function importsOf(source: Source): readonly Import[] {
  const statements = [...source.code.matchAll(STATEMENT)].map(match => {
    const [, type, clause = '', specifier = ''] = match;
    const names = namesIn(clause);
    const typeOnly =
      type !== undefined || (names.length > 0 && names.every(name => name.startsWith('type ')));
    return {
      ...at(source, match.index),
      ...resolve(source, specifier),
      typeOnly,
      names: names.map(bareName),
    };
  });
  const dynamic = [...source.code.matchAll(DYNAMIC)].map(match => ({
    ...at(source, match.index),
    ...resolve(source, match[1] ?? ''),
    typeOnly: false,
    names: [],
  }));
  return [...statements, ...dynamic];
}

function at(source: Source, index: number): { line: number } {
  return { line: lineOf(source.code, index) };
}

function resolve(source: Source, specifier: string): { target: string; isModule: boolean } {
  if (!specifier.startsWith('.')) return { target: specifier, isModule: true };
  return { target: posix.join(posix.dirname(source.path), specifier), isModule: false };
}

function namesIn(clause: string): readonly string[] {
  const inBraces = /\{([^}]*)\}/.exec(clause)?.[1] ?? '';
  return inBraces
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
}

function bareName(name: string): string {
  return name.replace(/^type\s+/, '').replace(/\s+as\s+.*$/, '');
}

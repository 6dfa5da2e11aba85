// biome-ignore-all lint/suspicious/noTemplateCurlyInString: code that is read, not run
/**
 * The ban list of DESIGN §10: inside the house time, randomness, network and disk enter through ports, so
 * that one seed gives one trace (I13). Each finding names what to use instead. Modules (node:fs, grpc, level,
 * pino …) are the business of the table of layers.
 */
import { describe, expect, test } from 'vitest';
import { lineOf, readSources, type Source, source } from './support/sources.ts';

/** Where the real world is let in: folders, and the one such file of the SDK. */
const SHELLS = ['system', 'rpc', 'storage', 'cli', 'client/surroundings.ts'];

interface Ban {
  /** Looked for in code without comments and strings. */
  readonly what: RegExp;
  readonly instead: string;
  /** A folder besides the shells that may. */
  readonly except?: string;
}

const BANS: readonly Ban[] = [
  { what: /\bDate\b/, instead: 'Clock.wall()', except: 'client' },
  { what: /\bperformance\b/, instead: 'Clock.now()' },
  { what: /\bMath\.random\b/, instead: 'Random.fraction(), or SeededRandom in tests' },
  { what: /\b(?:set|clear)(?:Timeout|Interval|Immediate)\b/, instead: 'Clock.after()' },
  { what: /\bqueueMicrotask\b|\bnextTick\b/, instead: 'a promise' },
  { what: /(?<![.\w$])process\b(?!\s*[:(])/, instead: 'an option handed in by src/cli' },
  {
    what: /\bAbort(?:Signal|Controller)\b/,
    instead: 'a Call: its deadline and its cancelled flag',
    except: 'client',
  },
  {
    what: /\b(?:randomBytes|randomUUID|randomInt|randomFill(?:Sync)?|getRandomValues)\b/,
    instead: 'Random.bytes()',
  },
  {
    what: /\b(?:subtle|webcrypto|scrypt|pbkdf2|generateKey)\b/,
    instead: 'the synchronous functions of src/base/hash.ts',
  },
  { what: /(?<![.\w$])import\s*\(/, instead: 'an import statement' },
  { what: /\b(?:WeakRef|FinalizationRegistry)\b/, instead: 'an owner that closes what it opened' },
  { what: /\bIntl\b|\btoLocale\w*|\blocaleCompare\b/, instead: 'compareText of src/base/bytes.ts' },
  { what: /\ballocUnsafe(?:Slow)?\b/, instead: 'Buffer.alloc()', except: 'wire' },
];

function findings(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(file => {
    const folder = file.path.split('/')[0]!;
    if (SHELLS.includes(folder) || SHELLS.includes(file.path)) return [];
    return BANS.filter(ban => ban.except !== folder).flatMap(({ what, instead }) =>
      [...file.bare.matchAll(new RegExp(what, 'g'))].map(
        match => `src/${file.path}:${lineOf(file.bare, match.index)}: not ${match[0].trim()} but ${instead}`,
      ),
    );
  });
}

describe('determinism', () => {
  test('outside the shells nothing takes time, chance or the machine from the air', () => {
    expect(findings(readSources())).toEqual([]);
  });
});

describe('what the ban list would find', () => {
  test.each([
    ['const at = Date.now();', 'src/core/a.ts:1: not Date but Clock.wall()'],
    ['\nconst at = new Date();', 'src/core/a.ts:2: not Date but Clock.wall()'],
    ['// idle\nsetTimeout(go, 5);', 'src/core/a.ts:2: not setTimeout but Clock.after()'],
    ["import { randomBytes } from 'node:crypto';", 'src/core/a.ts:1: not randomBytes but Random.bytes()'],
    ['const env = process.env;', 'src/core/a.ts:1: not process but an option handed in by src/cli'],
    [
      'names.sort((a, b) => a.localeCompare(b));',
      'src/core/a.ts:1: not localeCompare but compareText of src/base/bytes.ts',
    ],
    ["const m = await import('./b.ts');", 'src/core/a.ts:1: not import( but an import statement'],
    ['const s = `at ${performance.now()}`;', 'src/core/a.ts:1: not performance but Clock.now()'],
    [
      "const s = '//'; Math.random();",
      'src/core/a.ts:1: not Math.random but Random.fraction(), or SeededRandom in tests',
    ],
  ])('%s', (text, finding) => {
    expect(findings([source('core/a.ts', text)])).toEqual([finding]);
  });

  test.each([
    ['/** Never Date.now(): see Clock. */'],
    ["const why = 'the process died';"],
    ['this.process(batch);'],
    ['const updated = lastUpdate;'],
    ['const s = `the process died at ${now}`;'],
    ['const quote = /\'/; const it = "it\'s";'],
  ])('but not %s', text => {
    expect(findings([source('core/a.ts', text)])).toEqual([]);
  });

  test('time and chance are let be in the one file of the SDK that asks for them, not beside it', () => {
    const text = 'setTimeout(go, 5);';
    expect(findings([source('client/surroundings.ts', text)])).toEqual([]);
    expect(findings([source('client/retry.ts', text)])).toHaveLength(1);
  });
});

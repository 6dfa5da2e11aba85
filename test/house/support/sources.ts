/**
 * The sources as the house tests see them: text in which comments, and then strings, are blank but every line
 * is where it was.
 */
import { readdirSync, readFileSync } from 'node:fs';

export interface Source {
  /** Below src, for example `core/ring/ring.ts`. */
  readonly path: string;
  /** Without comments. */
  readonly code: string;
  /** Without comments and without what stands in quotes; what a template inserts (`${…}`) stays. */
  readonly bare: string;
}

/** Every source but the generated ones, sorted by path. */
export function readSources(): readonly Source[] {
  const root = new URL('../../../src/', import.meta.url);
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts') && !path.startsWith('gen/'))
    .sort()
    .map(path => source(path, readFileSync(new URL(path, root), 'utf8')));
}

export function source(path: string, text: string): Source {
  const code = text.replace(TOKENS, token => (/^\/[/*]/.test(token) ? blank(token) : token));
  return { path, code, bare: code.replace(TOKENS, blankText) };
}

/** 1 for the first line. */
export function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/**
 * What can hide a quote or a slash: comments, strings, templates, and a regular expression where an operand
 * is expected.
 */
const TOKENS = new RegExp(
  [
    /\/\*[\s\S]*?\*\//,
    /\/\/[^\n]*/,
    /'(?:\\.|[^'\\\n])*'/,
    /"(?:\\.|[^"\\\n])*"/,
    /`(?:\\.|\$\{[^}]*\}|[^`\\])*`/,
    /(?<=[(,=:[!&|?{};\n]\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//,
  ]
    .map(token => token.source)
    .join('|'),
  'g',
);

function blankText(token: string): string {
  if (!token.startsWith('`')) return blank(token);
  return token
    .split(/(\$\{[^}]*\})/)
    .map((part, index) => (index % 2 === 1 ? part : blank(part)))
    .join('');
}

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ');
}

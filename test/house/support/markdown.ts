/** What a markdown document says in code: spans, fenced lines, and where its links lead. */
import { readdirSync, readFileSync } from 'node:fs';
import { lineOf } from './sources.ts';

export interface Document {
  /** From the root, for example `README.md`. */
  readonly path: string;
  readonly text: string;
}

export interface Mention {
  readonly line: number;
  readonly text: string;
}

const ROOT = new URL('../../../', import.meta.url);
const ELSEWHERE = ['node_modules', 'dist', '.git'];

/** Every markdown document of the repository, sorted by path. */
export function readDocuments(): readonly Document[] {
  return readdirSync(ROOT, { withFileTypes: true })
    .filter(entry => !ELSEWHERE.includes(entry.name))
    .flatMap(entry => (entry.isDirectory() ? below(entry.name) : [entry.name]))
    .filter(path => path.endsWith('.md'))
    .sort()
    .map(path => ({ path, text: readFileSync(new URL(path, ROOT), 'utf8') }));
}

function below(folder: string): readonly string[] {
  return readdirSync(new URL(folder, ROOT), { recursive: true, encoding: 'utf8' }).map(
    path => `${folder}/${path}`,
  );
}

/** Code spans, and the lines of fenced blocks with continued lines joined. */
export function codeIn({ text }: Document): readonly Mention[] {
  const fences = [...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm)].flatMap(fence => {
    const first = lineOf(text, fence.index) + 1;
    const joined = fence[1]!.replace(/ *\\\n */g, ' ');
    return joined.split('\n').map((line, index) => ({ line: first + index, text: line }));
  });
  const outside = text.replace(/^```[\s\S]*?^```/gm, block => block.replaceAll(/[^\n]/g, ' '));
  const spans = [...outside.matchAll(/`([^`\n]+)`/g)].map(match => ({
    line: lineOf(outside, match.index),
    text: match[1]!,
  }));
  return [...fences, ...spans];
}

/** The fenced blocks of one language. */
export function fencesIn({ text }: Document, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    match => match[1]!,
  );
}

/** Links that lead to files of the repository, without their anchors, seen from the root. */
export function linksIn({ path, text }: Document): readonly Mention[] {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
  return [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .filter(match => !/^[a-z]+:/.test(match[1]!))
    .map(match => ({ line: lineOf(text, match.index), text: folder + match[1]! }));
}

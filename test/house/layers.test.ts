/**
 * The house of DESIGN §3: data flows down the table, and a folder may import only from folders above it.
 * Engines meet through ports, never each other; that is what lets the simulator drive the very same node with
 * its own time, network and disk.
 */
import { describe, expect, test } from 'vitest';
import { importsOf } from './support/imports.ts';
import { readSources, type Source, source } from './support/sources.ts';

interface Layer {
  /** Folders below src that it may import. */
  readonly uses: readonly string[];
  /** Folders of which it may import types, nothing that runs. */
  readonly types?: readonly string[];
  /** Modules beside node:buffer; `module#name` allows that one export. */
  readonly modules?: readonly string[];
}

const GRPC = ['@grpc/grpc-js', '@grpc/proto-loader', '@grpc/reflection', 'grpc-health-check'];
const FILES = ['node:fs', 'node:fs/promises', 'node:path', 'node:url'];
const ENGINES = ['coordinator', 'replica', 'membership', 'repair'];
const ENGINE: Layer = { uses: ['base', 'core', 'ports'] };
const SHELLS = ['rpc', 'storage', 'system'];
const SHELL_USES = ['base', 'core', 'ports', 'wire', 'link'];

/** By folder, or by file where one differs from its folder. */
const LAYERS: Readonly<Record<string, Layer>> = {
  base: { uses: [], modules: ['node:crypto#hash', 'node:zlib#crc32'] },
  core: { uses: ['base'] },
  'core/merkle/segment-tree.ts': { uses: ['base'], modules: ['merkletreejs/MerkleTree'] },
  ports: { uses: ['base', 'core'] },
  wire: { uses: ['base', 'core', 'ports'], types: ['gen'] },
  // The one place where proto files become definitions, since rpc and client, which need them, may not share
  // a shell.
  'wire/protos.ts': { uses: [], types: ['gen'], modules: ['@grpc/proto-loader', 'node:url'] },
  ...Object.fromEntries(ENGINES.map(engine => [engine, ENGINE])),
  // Compiles the very same proto files for the fast paths.
  'wire/messages.ts': { uses: ['base'], types: ['gen'], modules: ['protobufjs', 'node:url'] },
  link: { uses: ['base', 'wire', 'ports'] },
  // The SDK and the nodes both open streams, and may not share a shell.
  'link/grpc-duplex.ts': { uses: ['wire', 'ports'], modules: ['@grpc/grpc-js'] },
  node: { uses: ['base', 'core', 'ports', ...ENGINES] },
  'node.ts': { uses: ['base', 'core', 'ports', ...ENGINES, 'node'] },
  rpc: { uses: SHELL_USES, types: ['gen'], modules: [...GRPC, ...FILES] },
  storage: { uses: SHELL_USES, modules: ['level', 'classic-level', 'node:crypto', ...FILES] },
  system: { uses: SHELL_USES, modules: ['pino', 'node:crypto', 'node:perf_hooks'] },
  client: { uses: ['base', 'core', 'wire', 'link'], modules: [...GRPC, ...FILES] },
  'client/surroundings.ts': { uses: [], modules: ['node:crypto'] },
  cli: {
    uses: ['base', 'core', 'ports', 'wire', 'link', ...ENGINES, 'node.ts', ...SHELLS, 'client'],
    modules: [
      'commander',
      'hdr-histogram-js',
      ...GRPC,
      ...FILES,
      'node:child_process',
      'node:net',
      'node:os',
      'node:process',
      'node:readline',
      'node:stream',
    ],
  },
};

/** One line for each import that the table does not allow. */
function breaches(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(file => {
    const folder = folderOf(file.path);
    const layer = LAYERS[file.path] ?? LAYERS[folder];
    if (layer === undefined) return [`src/${file.path}: ${folder} has no row in the table of layers`];
    return importsOf(file).flatMap(({ line, target, isModule, typeOnly, names }) => {
      const allowed = isModule
        ? mayUse(layer, target, names)
        : mayImport(layer, { folder, target, typeOnly });
      return allowed ? [] : [`src/${file.path}:${line}: ${folder} may not import ${target}`];
    });
  });
}

function mayImport(
  layer: Layer,
  { folder, target, typeOnly }: { folder: string; target: string; typeOnly: boolean },
): boolean {
  const other = folderOf(target);
  return (
    other === folder || layer.uses.includes(other) || (typeOnly && layer.types?.includes(other) === true)
  );
}

function mayUse(layer: Layer, module: string, names: readonly string[]): boolean {
  const modules = layer.modules ?? [];
  if (module === 'node:buffer' || modules.includes(module)) return true;
  return names.length > 0 && names.every(name => modules.includes(`${module}#${name}`));
}

/** The folder of a source, or its own name if it lies directly in src. */
function folderOf(path: string): string {
  return path.split('/')[0]!;
}

/** The first cycle of imports found, as `a → b → a`; types count too, since a reader follows them as well. */
function cycle(sources: readonly Source[]): string | undefined {
  const edges = new Map(
    sources.map(file => [file.path, importsOf(file).filter(({ isModule }) => !isModule)]),
  );
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(' → ');
    if (done.has(path)) return undefined;
    const found = (edges.get(path) ?? []).map(({ target }) => visit(target, [...trail, path])).find(Boolean);
    done.add(path);
    return found;
  };
  return sources.map(({ path }) => visit(path, [])).find(Boolean);
}

describe('the house', () => {
  test('every folder imports only what stands above it in the table of layers', () => {
    expect(breaches(readSources())).toEqual([]);
  });

  test('no source imports itself by a detour', () => {
    expect(cycle(readSources())).toBeUndefined();
  });
});

describe('what the house test would find', () => {
  test.each([
    ['an engine that imports another', 'coordinator/put.ts', `import { apply } from '../replica/apply.ts';`],
    ['a decision that imports a shell', 'core/ring.ts', `export { Db } from '../storage/db.ts';`],
    ['a generated type in an engine', 'replica/a.ts', `import type { M } from '../gen/m.ts';`],
    ['a generated value in wire', 'wire/a.ts', `import { M } from '../gen/m.ts';`],
    ['a generated value among types', 'wire/a.ts', `import { type A, M } from '../gen/m.ts';`],
    ['gRPC in the wiring of a node', 'node.ts', `import { Server } from '@grpc/grpc-js';`],
    ['randomness in base', 'base/hash.ts', `import { hash, randomBytes } from 'node:crypto';`],
    ['an import split over lines', 'core/a.ts', `import {\n  a,\n} from '../ports/clock.ts';`],
    ['an import for its effects', 'core/a.ts', `import '../ports/clock.ts';`],
    ['a dynamic import', 'core/a.ts', `const a = await import('node:fs');`],
    ['a folder that the table does not know', 'misc/a.ts', ''],
  ])('%s', (_, path, text) => {
    expect(breaches([source(path, text)])).toHaveLength(1);
  });

  test.each([
    ['a generated type in wire', 'wire/a.ts', `import { type A, type B } from '../gen/m.ts';`],
    ['an import in a comment', 'core/a.ts', `/** import { a } from '../rpc/a.ts'; */`],
    ['node:buffer anywhere', 'core/a.ts', `import { Buffer } from 'node:buffer';`],
  ])('but not %s', (_, path, text) => {
    expect(breaches([source(path, text)])).toEqual([]);
  });

  test('a cycle through three files', () => {
    const files = [
      source('core/a.ts', `import { b } from './b.ts';`),
      source('core/b.ts', `import type { C } from './c.ts';`),
      source('core/c.ts', `export * from './a.ts';`),
    ];
    expect(cycle(files)).toBe('core/a.ts → core/b.ts → core/c.ts → core/a.ts');
  });
});

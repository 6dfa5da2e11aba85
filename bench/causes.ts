/**
 * What a process spent its time on, from a `.cpuprofile`: self time summed by module, the largest first, each with its first functions.
 * Time in which it waited counts for nothing. Pure.
 */

export interface Profile {
  readonly nodes: readonly ProfileNode[];
  /** By sample, the node it was in and the microseconds since the sample before. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface ProfileNode {
  readonly id: number;
  readonly callFrame: Frame;
}

interface Frame {
  readonly functionName: string;
  /** Empty for what is in the engine itself. */
  readonly url: string;
  /** Counted from 0. */
  readonly lineNumber: number;
}

export interface Cause {
  /** A package, `node:…`, a folder of Shoal, or what the engine calls itself: `(garbage collector)`. */
  readonly what: string;
  /** Of all time that it did not wait, 0 … 1. */
  readonly share: number;
  /** Its functions with most self time. */
  readonly first: readonly string[];
}

const CAUSES = 5;
const FUNCTIONS = 3;
const IDLE = '(idle)';

export function firstCauses(profile: Profile): readonly Cause[] {
  const modules = timeByModule(profile);
  const whole = [...modules.values()].reduce((all, functions) => all + sum(functions), 0);
  return [...modules]
    .map(([what, functions]) => ({ what, share: sum(functions) / whole, first: largest(functions) }))
    .sort((a, b) => b.share - a.share)
    .slice(0, CAUSES);
}

/** By module and function, microseconds. */
type Times = Map<string, Map<string, number>>;

/** Without the first sample: what lies before it is the time that it took the profiler to begin. */
function timeByModule({ nodes, samples, timeDeltas }: Profile): Times {
  const byId = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const modules: Times = new Map();
  for (let i = 1; i < samples.length; i += 1) {
    const frame = byId.get(samples[i]!);
    if (frame === undefined || frame.functionName === IDLE) continue;
    const functions = entry(modules, moduleOf(frame));
    const name = nameOf(frame);
    functions.set(name, (functions.get(name) ?? 0) + (timeDeltas[i] ?? 0));
  }
  return modules;
}

function moduleOf({ functionName, url }: Frame): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native code';
  if (url.startsWith('node:')) return /^node:(?:internal\/)?[^/]+/.exec(url)![0].replace('internal/', '');
  const [, dependency] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (dependency !== undefined) return dependency;
  const [, folder] = /\/dist\/(?:(.*)\/)?[^/]*$/.exec(url) ?? [];
  return `src/${folder ?? ''}`;
}

function nameOf({ functionName, url, lineNumber }: Frame): string {
  if (functionName !== '') return functionName;
  return `${url.slice(url.lastIndexOf('/') + 1)}:${lineNumber + 1}`;
}

function entry(modules: Times, name: string): Map<string, number> {
  const functions = modules.get(name) ?? new Map<string, number>();
  modules.set(name, functions);
  return functions;
}

function sum(functions: ReadonlyMap<string, number>): number {
  return [...functions.values()].reduce((all, us) => all + us, 0);
}

function largest(functions: ReadonlyMap<string, number>): readonly string[] {
  return [...functions]
    .sort(([, a], [, b]) => b - a)
    .slice(0, FUNCTIONS)
    .map(([name]) => name);
}

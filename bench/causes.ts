/**
 * What a process spent its time on, from a `.cpuprofile`: self time summed by module, the largest first, each
 * with its first functions. Native code counts where it was called from. Time in which the process waited
 * counts for nothing. Pure.
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
  /** What was called from here. */
  readonly children?: readonly number[];
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

/** A frame, and the frames that led to it. */
interface Place {
  readonly frame: Frame;
  readonly caller: Place | undefined;
}

/** Without the first sample: what lies before it is the time that it took the profiler to begin. */
function timeByModule({ nodes, samples, timeDeltas }: Profile): Times {
  const places = placesIn(nodes);
  const modules: Times = new Map();
  for (let i = 1; i < samples.length; i += 1) {
    const place = places.get(samples[i]!);
    if (place === undefined || place.frame.functionName === IDLE) continue;
    const functions = entry(modules, moduleOf(place));
    const name = nameOf(place);
    functions.set(name, (functions.get(name) ?? 0) + (timeDeltas[i] ?? 0));
  }
  return modules;
}

/** By id. A profile lists callers before what they call. */
function placesIn(nodes: readonly ProfileNode[]): ReadonlyMap<number, Place> {
  const callers = new Map<number, Place>();
  const places = new Map<number, Place>();
  for (const { id, callFrame: frame, children = [] } of nodes) {
    const place = { frame, caller: callers.get(id) };
    places.set(id, place);
    for (const child of children) callers.set(child, place);
  }
  return places;
}

function moduleOf({ frame: { functionName, url }, caller }: Place): string {
  if (url === '')
    return caller === undefined || functionName.startsWith('(') ? functionName : moduleOf(caller);
  if (url.startsWith('node:')) return /^node:(?:internal\/)?[^/]+/.exec(url)![0].replace('internal/', '');
  const [, dependency] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (dependency !== undefined) return dependency;
  const [, folder] = /\/dist\/(?:(.*)\/)?[^/]*$/.exec(url) ?? [];
  return `src/${folder ?? ''}`;
}

/** What has no name is told by its place, or is native code under the name of who called it. */
function nameOf({ frame: { functionName, url, lineNumber }, caller }: Place): string {
  if (functionName !== '') return functionName;
  if (url === '' && caller !== undefined) return nameOf(caller);
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

/**
 * What operations a workload consists of: the core workloads of YCSB (Cooper et al. 2010, §4) and free mixes.
 * Pure.
 */

export const KINDS = ['read', 'update', 'insert', 'rmw', 'delete'] as const;

/** `rmw`: a read, and an update over what it showed, as one operation. */
export type Kind = (typeof KINDS)[number];

/** In parts of any whole; not all 0. */
export type Mix = Readonly<Record<Kind, number>>;

/** How keys are chosen: see keys.ts. */
export const CHOICES = ['uniform', 'zipfian', 'latest'] as const;
export type Choice = (typeof CHOICES)[number];

export interface Workload {
  readonly mix: Mix;
  readonly choice: Choice;
}

const NONE: Mix = { read: 0, update: 0, insert: 0, rmw: 0, delete: 0 };

/** E is left out: it scans, and there is nothing to scan in Shoal. */
export const WORKLOADS = {
  a: { mix: { ...NONE, read: 50, update: 50 }, choice: 'zipfian' },
  b: { mix: { ...NONE, read: 95, update: 5 }, choice: 'zipfian' },
  c: { mix: { ...NONE, read: 100 }, choice: 'zipfian' },
  d: { mix: { ...NONE, read: 95, insert: 5 }, choice: 'latest' },
  f: { mix: { ...NONE, read: 50, rmw: 50 }, choice: 'zipfian' },
} as const satisfies Readonly<Record<string, Workload>>;

const PART = /^(?<kind>[a-z]+)=(?<parts>\d{1,6}(?:\.\d{1,6})?)$/;

/** Reads `read=50,update=50`; undefined when it is no mix. */
export function parseMix(text: string): Mix | undefined {
  const mix: Record<Kind, number> = { ...NONE };
  for (const part of text.split(',')) {
    const { kind, parts } = PART.exec(part.trim())?.groups ?? {};
    if (!KINDS.includes(kind as Kind)) return undefined;
    mix[kind as Kind] = Number(parts);
  }
  return KINDS.some(kind => mix[kind] > 0) ? mix : undefined;
}

/** Whether anything in it writes over what is there, so that contexts are worth remembering. */
export function writesOver({ update, delete: remove }: Mix): boolean {
  return update > 0 || remove > 0;
}

/** The kind to which a random number in [0, 1) belongs. */
export function kindsOf(mix: Mix): (fraction: number) => Kind {
  const present = KINDS.filter(kind => mix[kind] > 0);
  const whole = present.reduce((sum, kind) => sum + mix[kind], 0);
  let sum = 0;
  const bounds = present.map(kind => {
    sum += mix[kind];
    return sum / whole;
  });
  const last = present.length - 1;
  return fraction => {
    let i = 0;
    while (i < last && fraction >= bounds[i]!) i += 1;
    return present[i]!;
  };
}

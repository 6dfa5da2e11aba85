/**
 * What Shoal is to reach, as data, and whether a run has: 100 bytes, three nodes and the client on two cores,
 * N = 3, R = W = 2, fsync, unless an aim says otherwise. Most are shares of what the same machine does at the
 * same time with bare grpc-js, so that they hold on any machine. Pure.
 */
import { AIMED_AT, EQUAL_PER_LINK, FEW_KEYS, MANY_KEYS, OF_PEAK, RSS_KEYS } from './plan.ts';
import type { Result } from './results.ts';
import { asked, type ClusterRow, echo, type Op, type Row } from './rows.ts';
import { type Measured, totalUs } from './run/measured.ts';

/** What one of two or more measured rows has to be; `figure` is undefined when it was not measured. */
export interface Aim {
  readonly what: string;
  /** The row to be profiled when it is missed; the others are what it is held against. */
  readonly row: ClusterRow;
  readonly beside?: Row;
  readonly judge: (of: Result, beside: Result | undefined) => Judged | undefined;
}

export interface Judged {
  readonly reached: boolean;
  /** For people: what was wanted and what was measured. */
  readonly wanted: string;
  readonly measured: string;
}

export interface Verdict extends Judged {
  readonly aim: Aim;
}

/** The CPU aims were set where a gathered echo cost this much at both ends together. */
const ECHO_US = 18;
const MEBIBYTE = 1024 * 1024;
const SEVEN = { nodes: 7, durability: 'fsync' } as const;

const LOADED = [
  { op: 'put', inFlight: 64, share: 0.15, serverUs: 180 },
  { op: 'get', inFlight: 64, share: 0.36, serverUs: 60 },
  { op: 'put', inFlight: 256, share: 0.2, serverUs: 130 },
  { op: 'get', inFlight: 256, share: 0.48, serverUs: 40 },
] as const;

export const AIMS: readonly Aim[] = [
  ...LOADED.map(({ op, inFlight, share }) => shareAim(asked(AIMED_AT, inFlight, { op }), share)),
  ...LOADED.map(({ op, inFlight, serverUs }) => serverCpuAim(asked(AIMED_AT, inFlight, { op }), serverUs)),
  aloneAim('put', 5),
  aloneAim('get', 3),
  plainAim(1.6),
  ...(['put', 'get'] as const).map(op => tailAim(asked(AIMED_AT, 256, { op, ofPeak: OF_PEAK }), 5)),
  ...(['put', 'get'] as const).map(op => nodesAim(op, 1.15)),
  ...(['put', 'get'] as const).map(op => keysAim(op, 1.25)),
  memoryAim(250),
];

/** Of the aims whose rows were measured. @param resultOf undefined for a row that was not */
export function verdicts(resultOf: (row: Row) => Result | undefined): readonly Verdict[] {
  return AIMS.flatMap(aim => {
    const of = resultOf(aim.row);
    const judged = of && aim.judge(of, aim.beside && resultOf(aim.beside));
    return judged ? [{ aim, ...judged }] : [];
  });
}

function shareAim(row: ClusterRow, share: number): Aim {
  return {
    what: `${row.op}, ${row.inFlight} in flight: share of the gathered echo's ops/s`,
    row,
    judge: ({ ofEcho }) => atLeast(ofEcho, share, shares),
  };
}

function serverCpuAim(row: ClusterRow, us: number): Aim {
  return {
    what: `${row.op}, ${row.inFlight} in flight: CPU of all nodes (${us} µs where an echo costs ${ECHO_US})`,
    row,
    judge: ({ measured: { serverUs }, echoUs }) =>
      echoUs === undefined || serverUs === 0 ? undefined : atMost(serverUs, (us / ECHO_US) * echoUs, micros),
  };
}

/** One in flight, against the echo of one message on an open stream. */
function aloneAim(op: Op, times: number): Aim {
  return {
    what: `${op}, one in flight: p50 in those of the stream echo`,
    row: asked(AIMED_AT, 1, { op }),
    beside: echo('stream', 1),
    judge: ({ measured }, stream) => stream && atMost(measured.p50Ms / stream.measured.p50Ms, times, factor),
  };
}

function plainAim(times: number): Aim {
  return {
    what: 'unary put from a plain gRPC client: CPU of all, in those of the unary echo',
    row: asked(AIMED_AT, 64, { op: 'put', door: 'plain' }),
    beside: echo('unary', 64),
    judge: ({ measured }, unary) =>
      unary && atMost(totalUs(measured) / totalUs(unary.measured), times, factor),
  };
}

function tailAim(row: ClusterRow, times: number): Aim {
  return {
    what: `${row.op}, open loop at ${OF_PEAK * 100} % of peak: p99 in p50`,
    row,
    judge: ({ measured: { p99Ms, p50Ms, failed } }) => {
      const judged = atMost(p99Ms / p50Ms, times, factor);
      return judged && { ...judged, reached: judged.reached && failed === 0 };
    },
  };
}

function nodesAim(op: Op, times: number): Aim {
  return growthAim({
    what: `${op}: CPU of seven nodes in that of three, equal in flight per link`,
    row: asked(SEVEN, EQUAL_PER_LINK.seven, { op }),
    beside: asked(AIMED_AT, EQUAL_PER_LINK.three, { op }),
    times,
  });
}

function keysAim(op: Op, times: number): Aim {
  return growthAim({
    what: `${op}: CPU with ${MANY_KEYS} keys in that with ${FEW_KEYS}`,
    row: asked(AIMED_AT, 64, { op, keys: MANY_KEYS }),
    beside: asked(AIMED_AT, 64, { op, keys: FEW_KEYS }),
    times,
  });
}

interface Growth {
  readonly what: string;
  readonly row: ClusterRow;
  readonly beside: ClusterRow;
  readonly times: number;
}

function growthAim({ times, ...rest }: Growth): Aim {
  const cpu = (of: Measured): number => totalUs(of);
  return {
    ...rest,
    judge: ({ measured }, beside) => beside && atMost(cpu(measured) / cpu(beside.measured), times, factor),
  };
}

function memoryAim(mebibytes: number): Aim {
  return {
    what: `memory of the largest node with ${RSS_KEYS} keys of 100 B`,
    row: asked(AIMED_AT, 64, { op: 'get', keys: RSS_KEYS }),
    judge: ({ measured }) => atMost(measured.serverBytesMax / MEBIBYTE, mebibytes, megabytes),
  };
}

type Shown = (figure: number) => string;
const shares: Shown = figure => figure.toFixed(2);
const micros: Shown = figure => `${figure.toFixed(0)} µs`;
const factor: Shown = figure => `${figure.toFixed(2)} ×`;
const megabytes: Shown = figure => `${figure.toFixed(0)} MB`;

/** Undefined when there is no figure, as without an echo to hold it against. */
function atLeast(figure: number | undefined, aim: number, shown: Shown): Judged | undefined {
  if (figure === undefined) return undefined;
  return { reached: figure >= aim, wanted: `≥ ${shown(aim)}`, measured: shown(figure) };
}

function atMost(figure: number | undefined, aim: number, shown: Shown): Judged | undefined {
  if (figure === undefined || Number.isNaN(figure)) return undefined;
  return { reached: figure <= aim, wanted: `≤ ${shown(aim)}`, measured: shown(figure) };
}

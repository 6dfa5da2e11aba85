/**
 * The command's sequence: ask the cluster who it is, run, print, and say by the exit code whether all is
 * well.
 */
import { writeFileSync } from 'node:fs';
import { type Client, connect } from '../../client/index.ts';
import { CommandFailed, EXIT } from '../exit.ts';
import type { Io } from '../io.ts';
import type { LoadFlags } from '../load-flags.ts';
import { readCpu } from './cpu-readings.ts';
import type { Figures } from './figures.ts';
import { optionsOf } from './from-flags.ts';
import { interruption } from './interruption.ts';
import { localProcesses } from './listeners.ts';
import type { LoadOptions } from './options.ts';
import { progressLine } from './progress.ts';
import { isBroken, reportPage } from './report.ts';
import { runLoad } from './run.ts';
import { SdkTarget } from './sdk-target.ts';
import { workloadLine } from './workload-line.ts';

const W_DEFAULT = 2;
const RUN_BELOW = 2 ** 48;
const SEED_BELOW = 2 ** 32;

export async function putLoad(flags: LoadFlags, io: Io): Promise<void> {
  // Whether it can be written shows now, not after an hour.
  if (flags.hgrm !== undefined) writeFileSync(flags.hgrm, '');
  const options = optionsOf(flags, Math.floor(Math.random() * SEED_BELOW));
  const { addr: addresses, deadline: deadlineMs } = flags;
  const transport = flags.unary ? 'unary' : 'pipeline';
  const clients = Array.from({ length: flags.clients }, () => connect({ addresses, deadlineMs, transport }));
  try {
    const figures = await runOn(clients, { flags, options, io });
    print(figures, { flags, options, io });
    if (isBroken(figures))
      throw new CommandFailed(EXIT.error, 'shoal: not all is well; the figures say what');
  } finally {
    await Promise.all(clients.map(client => client.close()));
  }
}

interface Told {
  readonly flags: LoadFlags;
  readonly options: LoadOptions;
  readonly io: Io;
}

async function runOn(clients: readonly Client[], { flags, options, io }: Told): Promise<Figures> {
  const { members, replication } = await clients[0]!.status();
  const copies = Math.min(replication, members.length);
  const watched = flags.pids ? flags.pids.map(pid => ({ name: `pid ${pid}`, pid })) : localProcesses(members);
  const { bucket, r, w, strict = false } = flags;
  const readBackR = Math.max(1, copies - (w === 0 ? Math.min(W_DEFAULT, copies) : w) + 1);
  const stop = interruption();
  io.err(workloadLine(options));
  try {
    return await runLoad(options, new SdkTarget({ clients, bucket, r, w, strict, readBackR }), {
      clock: CLOCK,
      run: Math.floor(Math.random() * RUN_BELOW),
      cpu: () => readCpu(watched),
      progress: state => io.err(progressLine(state)),
      stop,
    });
  } finally {
    stop.forget();
  }
}

/** Its timers keep the process alive, unlike those of a node. */
const CLOCK = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (ms: number, action: () => void) => {
    const timer = setTimeout(action, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

function print(figures: Figures, { flags, options, io }: Told): void {
  if (flags.hgrm !== undefined) writeDistributions(flags.hgrm, figures);
  io.out(
    flags.output === 'json'
      ? `${JSON.stringify({ options, ...withoutDistributions(figures) }, undefined, 2)}\n`
      : reportPage(figures),
  );
}

/** All of them in the file that was named, each kind beside it if there are several. */
function writeDistributions(file: string, { all, kinds }: Figures): void {
  writeFileSync(file, all.distribution ?? '');
  const several = Object.entries(kinds);
  if (several.length < 2) return;
  for (const [kind, { distribution }] of several) {
    writeFileSync(`${file.replace(/\.hgrm$/, '')}.${kind}.hgrm`, distribution ?? '');
  }
}

function withoutDistributions(figures: Figures): object {
  return JSON.parse(JSON.stringify(figures, (name, value) => (name === 'distribution' ? undefined : value)));
}

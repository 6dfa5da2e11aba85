/**
 * A process that tries out one seed after the other, or replays one, as it is told to. Ends with the process
 * that started it; a Ctrl-C is that one's to heed, which has figures to tell first.
 */
import type { Invariant } from '../oracle.ts';
import { replay } from './replay.ts';
import { aimed, loadSimulator } from './simulator.ts';
import { type Order, type Simulator, tryOut } from './trial.ts';
import type { FromWorker } from './worker-process.ts';

process.on('disconnect', () => process.exit());
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
// Nobody reads on: the process that started this one ends both.
process.stdout.on('error', () => process.kill(process.ppid, 'SIGPIPE'));

const [mutant] = process.argv.slice(2);
await loadSimulator(mutant === undefined ? undefined : Number(mutant)).then(obey, refuse);

function obey(simulator: Simulator): void {
  process.on('message', (order: Order) => {
    const { aim } = order;
    void obeyed(order, aim === undefined ? simulator : aimed(simulator, aim)).then(tell);
  });
  tell({ kind: 'ready' });
}

function obeyed(order: Order, simulator: Simulator) {
  if (order.replay) return replay(order.seed, { simulator, screen: process.stdout });
  const onBroken = (invariant: Invariant) => order.explain && tell({ kind: 'broken', invariant });
  return tryOut(order, { simulator, now: () => performance.now(), onBroken });
}

/** As a mutant is that does not fit the code. */
function refuse({ message }: Error): void {
  process.send?.({ kind: 'unfit', text: message } satisfies FromWorker, () => process.exit(1));
}

function tell(message: FromWorker): void {
  process.send?.(message);
}

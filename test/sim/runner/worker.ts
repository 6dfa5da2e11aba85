/**
 * A process that tries out one seed after the other, as it is told to. Ends with the process that started it.
 */
import { aimed, loadSimulator } from './simulator.ts';
import { type Order, tryOut } from './trial.ts';
import type { FromWorker } from './worker-process.ts';

process.on('disconnect', () => process.exit());

const [mutant] = process.argv.slice(2);
const simulator = await loadSimulator(mutant === undefined ? undefined : Number(mutant));

process.on('message', (order: Order) => {
  const { aim } = order;
  const wanted = aim === undefined ? simulator : aimed(simulator, aim);
  void tryOut(order, { simulator: wanted, now: () => performance.now() }).then(tell);
});
tell({ kind: 'ready' });

function tell(message: FromWorker): void {
  process.send?.(message);
}

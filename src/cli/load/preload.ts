/** Writes every key once, over whatever is there, before anything is measured. */
import { eachSecond } from './each-second.ts';
import type { Preload } from './figures.ts';
import { closedLoop } from './loops.ts';
import { Measurement } from './measurement.ts';
import { Operations } from './operations.ts';
import { bulkInFlight, type Scene } from './scene.ts';

export async function preloadKeys({ options, target, around, draw, writes }: Scene): Promise<Preload> {
  const { clock, stop } = around;
  const measurement = new Measurement({ from: clock.now(), until: Number.POSITIVE_INFINITY });
  const operations = new Operations({ target, clock, draw, writes, blind: false }, measurement);
  const ticks = eachSecond(clock, seconds =>
    around.progress({ phase: 'preload', seconds, notStarted: 0, ...measurement.state() }),
  );
  let key = -1;
  await closedLoop(bulkInFlight(options), () => {
    key += 1;
    return key < options.keys && !stop.told ? operations.load(key, clock.now()) : undefined;
  }).finally(() => ticks.cancel());
  measurement.close(clock.now());
  const { seconds, all, errors } = measurement.figures({ distributions: false });
  return { records: all.count, seconds, errors };
}

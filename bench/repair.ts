/**
 * What `make bench-repair` starts: what anti-entropy costs to find and mend few of very many keys, beside a
 * comparison of all records; what it costs where nothing differs; how soon a wiped node is whole; what
 * clients notice; how soon a node of many keys serves; and what other layouts of its rows would cost. It
 * fails when it cannot measure, never for a figure.
 */
import { layoutFigures } from './layouts/figures.ts';
import { besideFigures } from './repair/beside-clients.ts';
import { fewKeysFigures } from './repair/few-keys.ts';
import { idleFigures } from './repair/idle.ts';
import { Loaded } from './repair/loaded.ts';
import { naiveFigures } from './repair/naive.ts';
import { startUpFigures } from './repair/start-up.ts';
import { wipedFigures } from './repair/wiped.ts';
import { endWithAll, playCases } from './stage/cases.ts';

const KEYS = Number(process.env.KEYS ?? 1_000_000);
const VALUE = Number(process.env.VALUE ?? 256);
const IS_SMALL = KEYS < 100_000;
const WIPED = { keys: Math.min(KEYS, 100_000), valueBytes: VALUE };
const APART = Math.min(KEYS, 20_000);
const IDLE = IS_SMALL ? { settleSeconds: 5, seconds: 10 } : { settleSeconds: 15, seconds: 60 };
const WINDOWS = IS_SMALL
  ? { windowSeconds: 3, windows: 2, windowsMax: 4 }
  : { windowSeconds: 5, windows: 4, windowsMax: 24 };

endWithAll();
const loaded = new Loaded({ keys: KEYS, valueBytes: VALUE });
process.exitCode = await playCases({
  'few-keys': () => fewKeysFigures(loaded),
  idle: () => idleFigures(loaded, IDLE),
  naive: () => naiveFigures(loaded),
  'start-up': () => startUpFigures(loaded),
  wiped: alone(() => wipedFigures(WIPED)),
  clients: alone(() => besideFigures({ ...WIPED, ...WINDOWS, apart: APART })),
  layouts: alone(() => layoutFigures(KEYS)),
});
await loaded.end();

/** Nothing else runs beside it. */
function alone<T>(measure: () => Promise<T>): () => Promise<T> {
  return async () => {
    await loaded.end();
    return await measure();
  };
}

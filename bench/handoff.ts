/**
 * What `make bench-handoff` starts: a node is away, misses what is written, and comes back. How soon it has
 * all, what that takes, and what clients notice, beside the aims. It fails when it cannot measure, never for
 * a figure.
 */
import { awayFigures } from './handoff/away.ts';
import { besideFigures } from './handoff/beside-clients.ts';
import { idleFigures } from './handoff/idle.ts';
import { oneKeyFigures } from './handoff/one-key.ts';
import { endWithAll, playCases } from './stage/cases.ts';

const SMALL = process.env.SMALL === '1';
const KEYS = SMALL ? 10_000 : 100_000;
const IDLE_SECONDS = SMALL ? 5 : 20;
const BESIDE = SMALL ? { windowSeconds: 3, windows: 2 } : { windowSeconds: 5, windows: 4 };

endWithAll();
process.exitCode = await playCases({
  three: () => awayFigures({ nodes: 3, keys: KEYS }),
  five: () => awayFigures({ nodes: 5, keys: KEYS }),
  'one-key': oneKeyFigures,
  clients: () => besideFigures({ ...BESIDE, keys: KEYS }),
  idle: () => idleFigures(IDLE_SECONDS),
});

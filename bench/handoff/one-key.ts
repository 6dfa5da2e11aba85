/** One key is overwritten again and again while one of its primaries is away: one note, not a thousand. */
import { exactly, type Figure } from '../stage/figure.ts';
import { onStage, untilNothingIsOwed } from '../stage/stage.ts';
import { statuses } from '../stage/watch.ts';

const TIMES = 1_000;
const NODES = 3;
const KEY = 'one';

export async function oneKeyFigures(): Promise<readonly Figure[]> {
  return await onStage({ nodes: NODES }, async stage => {
    const { cluster, bucket } = stage;
    await cluster.kill(NODES - 1);
    let seen = await bucket.put(KEY, '0');
    for (let i = 1; i < TIMES; i += 1) seen = await bucket.put(KEY, String(i), { after: seen });
    const owed = await statuses(cluster.addresses.slice(0, -1));
    await cluster.revive(NODES - 1);
    await untilNothingIsOwed(stage);
    return [
      {
        what: `one key written ${TIMES} times with its context: hints of one node`,
        ...exactly(Math.max(...owed.map(({ hints }) => hints)), 1),
      },
      {
        what: 'one key: hints of all nodes',
        measured: String(owed.reduce((sum, { hints }) => sum + hints, 0)),
      },
    ];
  });
}

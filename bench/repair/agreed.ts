/** Asks a node for a repair, and waits until it and all others agree and it lacks nothing. */
import { askForRepair } from '../../src/cli/repair/one-node.ts';
import { until } from '../stage/watch.ts';

const ANSWER_MS_MAX = 10_000;
const AGREED_MS_MAX = 900_000;

/** @returns the seconds that it took */
export async function untilAgreed(address: string): Promise<number> {
  const began = performance.now();
  const asking = { addresses: [address], timeoutMs: ANSWER_MS_MAX };
  const { asked, status, close } = await askForRepair(asking);
  try {
    await until('all agree', {
      msMax: AGREED_MS_MAX,
      isSo: async () => {
        const { repair, recoveringPartitions } = await status(ANSWER_MS_MAX);
        return repair.agreed >= asked && recoveringPartitions === 0;
      },
    });
  } finally {
    close();
  }
  return (performance.now() - began) / 1000;
}

/**
 * Real nodes for one test, or for all tests of a file; gone when it is over, however it ends.
 */
import { afterAll, afterEach, beforeAll, onTestFinished } from 'vitest';
import { type ClusterOptions, LiveCluster } from './nodes.ts';

export { LiveCluster } from './nodes.ts';

/**
 * A cluster that serves, for the test that is running. When the test fails, what the nodes said is printed.
 */
export async function liveCluster(options: ClusterOptions = {}): Promise<LiveCluster> {
  const cluster = await preparedCluster(options);
  await cluster.start();
  return cluster;
}

/** A cluster whose nodes the running test starts itself. */
export async function preparedCluster(options: ClusterOptions = {}): Promise<LiveCluster> {
  const cluster = await LiveCluster.prepare(options);
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') process.stderr.write(`${cluster.log}\n`);
    await cluster.close();
  });
  return cluster;
}

/** One that serves for all tests of a file; each of them leaves every node running. */
export function sharedCluster(options: ClusterOptions = {}): () => LiveCluster {
  let cluster: LiveCluster | undefined;
  beforeAll(async () => {
    cluster = await LiveCluster.prepare(options);
    await cluster.start();
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') process.stderr.write(`${cluster?.log}\n`);
  });
  afterAll(() => cluster?.close());
  return () => cluster!;
}

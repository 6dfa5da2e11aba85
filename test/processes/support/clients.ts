/** The SDK as its users import it, on the build, for the test that is running. */
import { type Client, connect } from 'shoal';
import { onTestFinished } from 'vitest';
import type { LiveNode } from './live-node.ts';

/** A client that knows these nodes and no others. */
export function clientOf(...nodes: readonly LiveNode[]): Client {
  const client = connect(nodes.map(({ spec }) => spec.listen));
  onTestFinished(() => client.close());
  return client;
}

/** What a call failed with; a test that expects a failure fails when there is none. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return await call.then(
    () => {
      throw new Error('expected a failure, and it succeeded');
    },
    error => error,
  );
}

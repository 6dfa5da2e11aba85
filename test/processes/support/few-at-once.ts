/** For many calls: so many at once as nodes take on a machine that has much other work, too. */
import { portions } from '../../../src/base/portions.ts';

const AT_ONCE = 32;

/** Resolves with what each came to, in their order; rejects with the first that fails. */
export async function fewAtOnce<T, R>(
  items: readonly T[],
  act: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (const some of portions(items, AT_ONCE)) results.push(...(await Promise.all(some.map(act))));
  return results;
}

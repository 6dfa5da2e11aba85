/**
 * A bug of ours, never bad input from outside: whoever catches it stops the node (STYLE: "verdicts are
 * values").
 */
export class AssertionFailed extends Error {
  override readonly name = 'AssertionFailed';
}

/** States what must hold here; throws {@link AssertionFailed} when it does not. */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new AssertionFailed(claim);
}

/**
 * For whoever counts a failure as one replica's: a bug of ours is nobody's answer, it goes on to whoever
 * stops the node.
 */
export function passOnBugs(error: unknown): void {
  if (error instanceof AssertionFailed) throw error;
}

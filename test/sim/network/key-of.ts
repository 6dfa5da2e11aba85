/** The key that a message of one of our services is about, for the log. */
interface MaybeKeyed {
  readonly key?: string;
  readonly put?: MaybeKeyed | null;
  readonly delete?: MaybeKeyed | null;
  readonly records?: readonly MaybeKeyed[];
}

/** Undefined if it is about none, or about many. */
export function keyOf(message: unknown): string | undefined {
  const { key, put, delete: deleted, records } = message as MaybeKeyed;
  const only = records?.length === 1 ? records[0]?.key : undefined;
  return key ?? put?.key ?? deleted?.key ?? only;
}

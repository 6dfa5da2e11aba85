/** The key that a message of one of our services is about, for the log. */
interface MaybeKeyed {
  readonly key?: string;
  readonly put?: MaybeKeyed | null;
  readonly delete?: MaybeKeyed | null;
}

/** Undefined if it is about none, or about many. */
export function keyOf(message: unknown): string | undefined {
  const { key, put, delete: deleted } = message as MaybeKeyed;
  return key ?? put?.key ?? deleted?.key;
}

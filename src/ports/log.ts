/** What a node tells its operator. An event is a short sentence; facts are flat and machine-readable. */
export interface Log {
  info(event: string, facts?: Facts): void;
  warn(event: string, facts?: Facts): void;
  error(event: string, facts?: Facts): void;
}

export type Facts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

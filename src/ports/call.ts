/** How long a request may take and whether anybody still waits for it (I10: no call without a deadline). */
export interface Call {
  /** By the node's monotonic clock (`Clock.now()`), milliseconds. */
  readonly deadline: number;
  /** Set by the door the request came through when its client went away; nothing new is started then. */
  cancelled: boolean;
}

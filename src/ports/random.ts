/** Randomness, as a node sees it: the simulator draws it from its seed. */
export interface Random {
  /** Fresh random bytes: incarnations, write ids, boot ids. */
  bytes(size: number): Uint8Array;
  /** A number in [0, 1), for jitter. */
  fraction(): number;
}

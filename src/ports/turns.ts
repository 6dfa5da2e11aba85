/** Turns of the event loop: for doing once, at the end of a turn, what many in it have asked for. */
export interface Turns {
  /** Calls `action` when all that can run now has run. */
  atEnd(action: () => void): void;
}

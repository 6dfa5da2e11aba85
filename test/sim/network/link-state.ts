/** What the faults on one way come to together: cuts, clogs and weather lie over each other. */
export type LinkFault =
  | { readonly kind: 'cut' }
  | { readonly kind: 'clog' }
  | {
      readonly kind: 'weather';
      readonly loss: number;
      readonly duplicate: number;
      readonly jitterMs: number;
      /**
       * What is lost is sent again after so long, and each time after twice as long, as TCP does; undefined:
       * it is lost for good.
       */
      readonly sentAgainAfterMs?: number | undefined;
    };

export interface LinkState {
  readonly isCut: boolean;
  readonly isClogged: boolean;
  /** Shares of messages. */
  readonly loss: number;
  readonly duplicate: number;
  readonly jitterMs: number;
  /** 0: what is lost is not sent again. */
  readonly sentAgainAfterMs: number;
}

export function stateUnder(faults: readonly LinkFault[]): LinkState {
  const weathers = faults.filter(fault => fault.kind === 'weather');
  return {
    isCut: faults.some(({ kind }) => kind === 'cut'),
    isClogged: faults.some(({ kind }) => kind === 'clog'),
    loss: anyOf(weathers.map(({ loss }) => loss)),
    duplicate: anyOf(weathers.map(({ duplicate }) => duplicate)),
    jitterMs: Math.max(0, ...weathers.map(({ jitterMs }) => jitterMs)),
    sentAgainAfterMs: Math.max(0, ...weathers.map(({ sentAgainAfterMs = 0 }) => sentAgainAfterMs)),
  };
}

/** The chance that at least one of them happens. */
function anyOf(chances: readonly number[]): number {
  return 1 - chances.reduce((none, chance) => none * (1 - chance), 1);
}

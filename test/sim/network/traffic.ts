/** How many calls were asked for, unary or over a stream, and which of them have not ended. */
import type { Way } from '../plan.ts';

/** One call, as whoever begins it names it. */
interface Begun extends Way {
  readonly method: string;
}

export class Traffic {
  /** Those that have not ended for their caller. */
  readonly #underWay = new Map<string, number>();
  readonly #open = new Set<Begun>();
  readonly #sent = new Map<string, number>();
  #calls = 0;

  get calls(): number {
    return this.#calls;
  }

  sent(method: string): number {
    return this.#sent.get(method) ?? 0;
  }

  underWay(way: Way): number {
    return this.#underWay.get(nameOf(way)) ?? 0;
  }

  /** Whether some call of these is under way. */
  isUnderWay({ method, ...way }: { readonly method: string } & Partial<Way>): boolean {
    const { from, to } = way;
    return [...this.#open].some(
      call => call.method === method && (from ?? call.from) === call.from && (to ?? call.to) === call.to,
    );
  }

  /** @returns to be called once, when it has ended */
  began(call: Begun): () => void {
    this.#calls += 1;
    this.#sent.set(call.method, this.sent(call.method) + 1);
    this.#underWay.set(nameOf(call), this.underWay(call) + 1);
    this.#open.add(call);
    return () => {
      this.#underWay.set(nameOf(call), this.underWay(call) - 1);
      this.#open.delete(call);
    };
  }
}

function nameOf({ from, to }: Way): string {
  return `${from}>${to}`;
}

/** How many calls were asked for, unary or over a stream, and how many of them have not ended. */
export class Traffic {
  /** By way: those that have not ended for their caller. */
  readonly #underWay = new Map<string, number>();
  readonly #sent = new Map<string, number>();
  #calls = 0;

  get calls(): number {
    return this.#calls;
  }

  sent(method: string): number {
    return this.#sent.get(method) ?? 0;
  }

  /** @param way `n1>n2` */
  underWay(way: string): number {
    return this.#underWay.get(way) ?? 0;
  }

  began({ way, method }: { readonly way: string; readonly method: string }): void {
    this.#calls += 1;
    this.#sent.set(method, this.sent(method) + 1);
    this.#underWay.set(way, this.underWay(way) + 1);
  }

  ended(way: string): void {
    this.#underWay.set(way, this.underWay(way) - 1);
  }
}

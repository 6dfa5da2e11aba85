/**
 * The cheapest way to send as much as possible through a network of arcs with capacities and costs:
 * successive shortest paths (Jewell 1958; Busacker and Gowen 1961), all paths of one length at a time (Dinic
 * 1970). All numbers are integers, so is the answer, and the same arcs in the same order give the same
 * answer. What flows is the caller's business: src/core/ring/holders.ts.
 */

/** Names an arc of a network. */
export type Arc = number;

/**
 * Among paths of one cost those with the fewest arcs come first: they have no circles, and pushing along them
 * soon ends.
 */
const COST_UNIT = 2 ** 20;
const UNREACHED = Number.MAX_SAFE_INTEGER;
const NONE = -1;

export class Network {
  /** Never entered. */
  static readonly source = 0;
  /** Never left: what has arrived stays, also when arcs are widened and filled again. */
  static readonly sink = 1;

  #vertices = 2;
  /** Arc and reverse arc lie side by side, so that `arc ^ 1` is the other one. */
  readonly #to: number[] = [];
  readonly #room: number[] = [];
  readonly #length: number[] = [];
  /** The arcs out of a vertex as a list: its first one, and after each the next. */
  readonly #first: Arc[] = [NONE, NONE];
  readonly #next: Arc[] = [];
  #distance = new Float64Array(0);
  /** The arc each vertex tries next; those before it are used up for this round. */
  #turn = new Int32Array(0);

  vertex(): number {
    this.#first.push(NONE);
    return this.#vertices++;
  }

  /** @param cost of one unit; no circle of arcs may have a negative one */
  arc({ from, to, capacity, cost = 0 }: { from: number; to: number; capacity: number; cost?: number }): Arc {
    this.#half({ from, to, room: capacity, length: cost * COST_UNIT + 1 });
    this.#half({ from: to, to: from, room: 0, length: -cost * COST_UNIT + 1 });
    return this.#to.length - 2;
  }

  widen(arc: Arc, by: number): void {
    this.#room[arc]! += by;
  }

  /** How much runs through an arc. */
  flow(arc: Arc): number {
    return this.#room[arc ^ 1]!;
  }

  /** Sends as much more as possible from source to sink, as cheaply as possible; answers how much. */
  fill(): number {
    let sent = 0;
    while (this.#measure()) {
      this.#turn = Int32Array.from(this.#first);
      let more: number;
      do {
        more = this.#push(Network.source, UNREACHED);
        sent += more;
      } while (more > 0);
    }
    return sent;
  }

  #half({ from, to, room, length }: { from: number; to: number; room: number; length: number }): void {
    this.#next.push(this.#first[from]!);
    this.#first[from] = this.#to.length;
    this.#to.push(to);
    this.#room.push(room);
    this.#length.push(length);
  }

  /**
   * Distances from the source, with a queue (Bellman–Ford: going back along an arc has a negative cost);
   * whether the sink is reached.
   */
  #measure(): boolean {
    this.#distance = new Float64Array(this.#vertices).fill(UNREACHED);
    this.#distance[Network.source] = 0;
    const queued = new Uint8Array(this.#vertices);
    const queue = [Network.source];
    for (let head = 0; head < queue.length; head++) {
      const vertex = queue[head]!;
      queued[vertex] = 0;
      for (let arc = this.#first[vertex]!; arc !== NONE; arc = this.#next[arc]!) {
        const to = this.#to[arc]!;
        const distance = this.#distance[vertex]! + this.#length[arc]!;
        if (this.#room[arc] === 0 || to === Network.source || distance >= this.#distance[to]!) continue;
        this.#distance[to] = distance;
        if (queued[to] === 1 || to === Network.sink) continue;
        queued[to] = 1;
        queue.push(to);
      }
    }
    return this.#distance[Network.sink]! < UNREACHED;
  }

  /** Sends up to `amount` on from a vertex along one shortest path; answers how much got through. */
  #push(vertex: number, amount: number): number {
    if (vertex === Network.sink) return amount;
    for (let arc = this.#turn[vertex]!; arc !== NONE; arc = this.#next[arc]!) {
      this.#turn[vertex] = arc;
      const to = this.#to[arc]!;
      if (this.#room[arc] === 0 || this.#distance[to] !== this.#distance[vertex]! + this.#length[arc]!)
        continue;
      const sent = this.#push(to, Math.min(amount, this.#room[arc]!));
      if (sent === 0) continue;
      this.#room[arc]! -= sent;
      this.#room[arc ^ 1]! += sent;
      return sent;
    }
    this.#turn[vertex] = NONE;
    return 0;
  }
}

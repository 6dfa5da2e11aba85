/**
 * Runs one history: five nodes, their disks and what brings them together again, by the protocols of DESIGN
 * §6 and §7 cut down to one key; what clients do is in clients.ts. After each event the oracles look at every
 * node; the first objection ends the history.
 */
import { NOTHING } from '../../src/core/record/record.ts';
import { Clients, type Figures } from './clients.ts';
import type { Event, Fault, History } from './events.ts';
import { ModelNode } from './node.ts';
import { Oracles } from './oracles.ts';
import { NODES, PRIMARIES, type Rules } from './rules.ts';

const LOSSES: ReadonlySet<Fault> = new Set<Fault>(['lose row', 'damage row', 'lose disk', 'restore disk']);

export class World {
  readonly #rules: Rules;
  readonly #nodes: readonly ModelNode[];
  readonly #oracles: Oracles;
  readonly #clients: Clients;
  /** A foreign record and its holder → the owners that hold it durably. */
  readonly #confirmed = new Map<string, Set<number>>();
  readonly figures: Figures = { events: 0, writes: 0, acks: 0, excused: 0 };

  constructor(rules: Rules, { skewed }: { skewed: boolean }) {
    const skewsMs = skewed ? [0, 3_600_000, -3_600_000, 0, 40_000] : [0, 0, 0, 0, 0];
    const nodes = NODES.map(index => new ModelNode(index, { rules, skewMs: skewsMs[index]! }));
    const oracles = new Oracles(rules, this.figures);
    this.#rules = rules;
    this.#nodes = nodes;
    this.#oracles = oracles;
    this.#clients = new Clients({ rules, nodes, oracles, figures: this.figures });
  }

  /** @throws Objection */
  run(history: History): void {
    for (const event of history) {
      this.figures.events++;
      this.#clients.now = event.id;
      this.#happen(event);
      for (const node of this.#nodes) this.#oracles.checkKnown(node.newest, `n${node.index}`);
    }
    for (const node of this.#nodes) node.commit();
    const all = this.#nodes.map(node => node.durable);
    this.#oracles.checkConverged(all, this.#clients.operations);
  }

  #happen(event: Event): void {
    if (event.kind === 'read') this.#clients.read(event);
    else if (event.kind === 'put') this.#clients.put(event);
    else if (event.kind === 'retry') this.#clients.retry(event);
    else if (event.kind === 'delete') this.#clients.delete(event);
    else if (event.kind === 'fetch unseen') this.#clients.fetchUnseen(event);
    else if (event.kind === 'overwrite unseen') this.#clients.overwriteUnseen(event);
    else if (event.kind === 'deliver') this.#clients.deliver(event);
    else if (event.kind === 'commit') this.#node(event.at).commit(undefined, event.acks === 'arrive');
    else if (event.kind === 'merge')
      this.#node(event.to).merge(this.#node(event.from).durable, { now: event.id });
    else if (event.kind === 'hand off') this.#handOff(event);
    else if (event.kind === 'recover') this.#recover(event);
    else this.#fault(event);
  }

  #node(index: number): ModelNode {
    return this.#nodes[index]!;
  }

  #recover({ id, at, from }: { id: number; at: number; from: number }): void {
    this.#node(at).recoverFrom(this.#node(from), { now: id, owners: PRIMARIES });
  }

  /** A foreign record goes once every owner holds it durably, if it is still the one they confirmed (I8). */
  #handOff({ from, to }: { from: number; to: number }): void {
    const holder = this.#node(from);
    const { boot } = holder;
    const { record, past } = holder.durable;
    if (record === NOTHING) return;
    const whenDurable = () => {
      if (holder.boot !== boot || holder.busy || holder.durable.record !== record) return;
      const key = `${from}:${boot}:${[...past].map(deed => deed.name)}`;
      const owners = this.#confirmed.get(key) ?? new Set();
      this.#confirmed.set(key, owners.add(to));
      if (owners.size < this.#rules.confirmationsNeeded) return;
      holder.dropRow();
      for (const operation of this.#clients.operations) operation.handedOff(from, PRIMARIES);
    };
    this.#node(to).merge({ record, past }, { now: this.#clients.now, whenDurable });
  }

  #fault(event: Event & { kind: Fault }): void {
    const node = this.#node(event.at);
    // A row that is queued again at once cannot be lost.
    if ((event.kind === 'lose row' || event.kind === 'damage row') && node.busy) return;
    if (LOSSES.has(event.kind)) {
      for (const operation of this.#clients.operations) {
        operation.dataLost(event.at, { noticed: event.kind !== 'lose row' });
      }
    }
    if (event.kind === 'crash') node.crash(event.kept);
    else if (event.kind === 'clean restart') node.restartCleanly();
    else if (event.kind === 'lose row') node.loseRow();
    else if (event.kind === 'damage row') node.damageRow();
    else if (event.kind === 'lose disk') node.loseDisk();
    else if (event.kind === 'back up disk') node.backUpDisk();
    else node.restoreDisk();
  }
}

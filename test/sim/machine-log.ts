/**
 * What a simulated machine and the node on it say of themselves: lines of the trace; and rare starts and ends
 * are counted.
 */
import type { Node } from '../../src/node.ts';
import type { Facts, Log } from '../../src/ports/log.ts';
import type { Reached } from './reached.ts';
import type { World } from './time/world.ts';

export class MachineLog implements Log {
  readonly #name: string;
  readonly #world: World;
  readonly #reached: Reached;

  constructor({ name, world, reached }: { name: string; world: World; reached: Reached }) {
    this.#name = name;
    this.#world = world;
    this.#reached = reached;
  }

  info(event: string, facts?: Facts): void {
    this.#countStart(event, facts);
    this.note(`${event}${said(facts)}`);
  }

  warn(event: string, facts?: Facts): void {
    this.note(`warns: ${event}${said(facts)}`);
  }

  error(event: string, facts?: Facts): void {
    this.note(`complains: ${event}${said(facts)}`);
  }

  /** Of the machine. */
  note(text: string): void {
    this.#world.trace.note(this.#world.now, { about: 'node', text: `${this.#name} ${text}` });
  }

  /** It ends without having been told to. */
  countEnd({ node, serving, writing, handingOff, takingOver }: Ending): void {
    if (writing) this.#reached.count('end: a write was under way');
    if (handingOff) this.#reached.count('end: of one that hands records off');
    if (takingOver) this.#reached.count('end: of one that records are handed off to');
    if (!serving) this.#reached.count('end: while it started');
    else if (node!.overview.status().recoveringPartitions > 0) this.#reached.count('end: while it recovered');
  }

  /** Who a node is after its start, and why. */
  #countStart(event: string, { why }: Facts = {}): void {
    if (event === 'new incarnation') this.#reached.count(`start: ${why}`);
    if (event === 'incarnation kept so far') this.#reached.count('start: it may keep its incarnation');
  }
}

interface Ending {
  readonly node: Node | undefined;
  readonly serving: boolean;
  readonly writing: boolean;
  readonly handingOff: boolean;
  readonly takingOver: boolean;
}

function said(facts: Facts | undefined): string {
  return facts === undefined ? '' : ` ${JSON.stringify(facts)}`;
}

/**
 * The way from one process to a peer port, as `GrpcRemotes` gets it: the link of production, and beside it
 * what was asked and how it ended, told to whoever counts. When its process ends, what it had asked is over,
 * and nobody is told.
 */
import type { Asking, Ending, Refusal } from '../../../src/link/asking.ts';
import type { Channel } from '../../../src/rpc/channel.ts';
import type { Process } from '../time/process.ts';

/** Told once how it ended, in words too; undefined: it is abandoned. */
export type OnEnding = (how: string, ending: Ending | undefined) => void;

export interface WatchedChannelOptions {
  readonly from: Process;
  readonly channel: Channel;
  readonly onAsked: (asking: Asking) => OnEnding;
}

export class WatchedChannel implements Channel {
  readonly #options: WatchedChannelOptions;
  readonly #underWay = new Set<OnEnding>();

  constructor(options: WatchedChannelOptions) {
    this.#options = options;
    options.from.onEnd(() => this.#abandon());
  }

  get suspect(): boolean {
    return this.#options.channel.suspect;
  }

  ask(asking: Asking): Refusal | undefined {
    const { from, channel, onAsked } = this.#options;
    // What is left of a process that has ended asks nothing.
    if (!from.alive) return { because: 'not reachable', why: 'this process is no more' };
    let onEnding: OnEnding = () => {};
    const settle = (ending: Ending) => {
      this.#underWay.delete(onEnding);
      onEnding(said(ending), ending);
      asking.settle(ending);
    };
    const refusal = channel.ask({ ...asking, settle });
    if (refusal !== undefined) return refusal;
    onEnding = onAsked(asking);
    this.#underWay.add(onEnding);
    return undefined;
  }

  retire(onClosed: () => void): void {
    this.#options.channel.retire(onClosed);
  }

  close(): void {
    this.#options.channel.close();
  }

  #abandon(): void {
    for (const onEnding of this.#underWay) onEnding('is abandoned', undefined);
    this.#underWay.clear();
  }
}

function said(ending: Ending): string {
  return 'why' in ending ? `is ${ending.kind}: ${ending.why}` : `ends: ${ending.kind}`;
}

/**
 * All that a seed decides before a run begins, as data: the cluster, its clients, and every fault with its
 * time. So a fault can be left out and everything else stays as it was, which is how a failure is shrunk.
 */
import type { Durability } from '../../src/core/membership/identity.ts';
import type { WayTogether } from '../../src/node.ts';

export interface Plan {
  readonly seed: number;
  readonly cluster: ClusterPlan;
  readonly network: NetworkPlan;
  readonly streams: StreamsPlan;
  readonly disks: DiskPlan;
  readonly clients: ClientsPlan;
  /** Values are at most so long; 0: no longer than they must be to name their write. */
  readonly valueBytesMax: number;
  /** Faults and clients begin when the cluster is born; otherwise at once. */
  readonly calmBirth: boolean;
  /** Ways in which owners come together that are off. */
  readonly without: readonly WayTogether[];
  /** In the order of their times. */
  readonly faults: readonly Fault[];
  /** How long clients work and faults happen; ms. */
  readonly safetyMs: number;
  /** Nodes that stay as broken as they are when the core heals: their fault is in {@link FinalState}. */
  readonly outcasts: readonly Outcast[];
}

export interface ClusterPlan {
  /** n1 … n9: 3 to 9 of them. */
  readonly nodes: readonly string[];
  /** N. */
  readonly replication: number;
  readonly durability: Durability;
  /** How many calls each door of a node lets in at once. */
  readonly callsMax: number;
  /** By node. */
  readonly places: readonly { readonly zone: string; readonly weight: number }[];
  /** By node: how fast its monotonic clock runs (1 is true), and how far its wall clock is off, ms. */
  readonly clocks: readonly { readonly rate: number; readonly wallOffMs: number }[];
}

export interface Outcast {
  readonly node: string;
  readonly state: 'dead' | 'frozen' | 'cut off';
}

/** The everyday network; faults make it worse for a while. */
export interface NetworkPlan {
  /** One way, ms: at least, and at most for nearly all messages. */
  readonly delayMs: { readonly min: number; readonly usual: number };
  /** Share of messages that take up to ten times as long. */
  readonly slowShare: number;
}

/** Limits of links between nodes, near enough to be met. */
export interface StreamsPlan {
  /** After so many requests a link is opened anew. */
  readonly idMax: number;
  /** What is larger goes in pieces. */
  readonly pieceBytesMax: number;
  /** Clients who ask over streams; the others make unary calls. */
  readonly pipelined: readonly string[];
}

export interface DiskPlan {
  /** Of one synced batch, ms. */
  readonly writeMs: { readonly min: number; readonly usual: number };
  readonly slowShare: number;
}

export interface ClientsPlan {
  readonly clients: readonly ClientPlan[];
  readonly keys: readonly string[];
}

export interface ClientPlan {
  readonly name: string;
  /** Mean pause between two operations, ms. */
  readonly thinkMs: number;
  readonly strict: boolean;
  readonly r: number;
  readonly w: number;
  readonly deadlineMs: number;
  /** Shares of what it does; they need not add up to 1. */
  readonly mix: Readonly<Record<Deed, number>>;
  /** Chance that an operation with an unknown outcome is tried again through another node. */
  readonly retries: number;
  /** Mean pause before that, ms: long ones meet newer writes. */
  readonly pauseMs: number;
}

export type Deed =
  | 'get'
  | 'put blind'
  | 'read, merge, write'
  | 'put overwrite'
  | 'delete seen'
  | 'delete unseen';

/** One-way: what `from` sends to `to`. */
export interface Way {
  readonly from: string;
  readonly to: string;
}

export type FaultKind = Fault['kind'];

/** Each has the time at which it begins, ms. What lasts says how long. */
export type Fault = { readonly id: number; readonly at: number } & (
  | { readonly kind: 'kill'; readonly node: string; readonly downMs: number }
  /** Everything not synced is lost with the process. */
  | { readonly kind: 'power cut'; readonly node: string; readonly downMs: number }
  | { readonly kind: 'clean stop'; readonly node: string; readonly downMs: number }
  /** Several at once, perhaps all; they come back one after the other. */
  | {
      readonly kind: 'many down';
      readonly nodes: readonly string[];
      readonly how: 'kill' | 'power cut' | 'clean stop';
      readonly downMs: number;
      readonly stepMs: number;
    }
  | { readonly kind: 'pause'; readonly node: string; readonly ms: number }
  /** Nothing gets through on these ways. */
  | { readonly kind: 'cut'; readonly shape: string; readonly ways: readonly Way[]; readonly ms: number }
  /**
   * All owners of a key are cut from all other nodes: those go on with stand-ins alone, and so do the owners
   * by themselves.
   */
  | { readonly kind: 'owners cut'; readonly key: string; readonly ms: number }
  /** Everything on these ways waits until the end of it, and then arrives in order. */
  | { readonly kind: 'clog'; readonly ways: readonly Way[]; readonly ms: number }
  | {
      readonly kind: 'bad weather';
      readonly ways: readonly Way[];
      readonly ms: number;
      /** Shares of messages. */
      readonly loss: number;
      readonly duplicate: number;
      /** Up to so much longer, each message by itself: they overtake each other. */
      readonly jitterMs: number;
    }
  | { readonly kind: 'wall clock jump'; readonly node: string; readonly byMs: number }
  | { readonly kind: 'slow disk'; readonly node: string; readonly factor: number; readonly ms: number }
  /**
   * The next write fails, and every one after it; the operator restarts the node. `applied`: the failed batch
   * is there all the same.
   */
  | {
      readonly kind: 'write error';
      readonly node: string;
      readonly applied: boolean;
      readonly restartAfterMs: number;
    }
  /** Writes fail and the node cannot even be opened until there is room again; its operator may try. */
  | { readonly kind: 'disk full'; readonly node: string; readonly ms: number; readonly tried: boolean }
  /** From here on they cost data: not done while another node has not got over its own. */
  | { readonly kind: 'bit rot'; readonly node: string; readonly pick: number }
  /** Batches vanish from the middle or the end of LevelDB's log, while the node is down. */
  | {
      readonly kind: 'log loss';
      readonly node: string;
      readonly downMs: number;
      readonly tail: boolean;
      readonly batches: number;
      /** Done though another node has not got over its own loss. */
      readonly beside?: true;
    }
  /**
   * The whole disk is set back to what it was `backMs` ago, or when the node was last down after a clean
   * stop. `copied`: file by file, so that inodes change. `amnesia`: meanwhile all the others were restarted,
   * too.
   */
  | {
      readonly kind: 'rollback';
      readonly node: string;
      readonly downMs: number;
      readonly backMs: number;
      readonly toCleanStop: boolean;
      readonly copied: boolean;
      readonly amnesia: boolean;
    }
  | { readonly kind: 'wipe'; readonly node: string; readonly downMs: number }
);

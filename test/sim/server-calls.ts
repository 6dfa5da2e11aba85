/**
 * Calls of a simulated client to nodes, over the same network as the nodes' own: unary ones, or operations on
 * one stream a node; how long each may take, and what its failure says.
 */
import { ShoalError } from '../../src/base/errors.ts';
import type { SeededRandom } from '../../src/base/random.ts';
import { LastingLink } from '../../src/link/lasting-link.ts';
import { PIPELINE_METHOD, pipelineDialect } from '../../src/wire/pipeline-dialect.ts';
import type { Protos } from '../../src/wire/protos.ts';
import { fromStatus } from '../../src/wire/status.ts';
import type { Ended, Operation } from './history.ts';
import type { Network, Route } from './network/network.ts';
import { PipelineChannel } from './network/pipeline-channel.ts';
import { CallFailed } from './network/statuses.ts';
import type { Sendable, UnaryChannel } from './network/unary-channel.ts';
import { WatchedChannel } from './network/watched-channel.ts';
import type { Process } from './time/process.ts';

export interface ServerCallsParts {
  readonly process: Process;
  readonly network: Network;
  readonly protos: Protos;
  /** Over streams. */
  readonly pipelined: boolean;
  readonly random: SeededRandom;
  /** Chance that a failed call is tried again. */
  readonly retries: number;
}

export type Send = <I, O>(method: Sendable<I, O>, message: I) => Promise<O>;

const TRY_MS_MAX = 3_000;
const NAMES = Object.keys(PIPELINE_METHOD) as (keyof typeof PIPELINE_METHOD)[];

export class ServerCalls {
  readonly #parts: ServerCallsParts;
  readonly #channels = new Map<string, UnaryChannel | PipelineChannel>();

  constructor(parts: ServerCallsParts) {
    this.#parts = parts;
  }

  /**
   * Sends to that node. Half of what is left goes to each try, so that there is time for another.
   * @param options.end by the client's clock
   */
  sender({ node, end }: { node: string; end: number }): Send {
    const { process, retries } = this.#parts;
    const now = process.clock.now();
    const tryMs = Math.min((end - now) * (retries > 0 ? 0.5 : 1), TRY_MS_MAX);
    const call = { deadline: now + tryMs, cancelled: false };
    return (method, message) => this.#channel(node).send(method, message, call);
  }

  failureOf(error: unknown, operation: Pick<Operation, 'kind'>): { ended: Ended; error: string } {
    const { outcome, message } = this.#shoalError(error, operation);
    return { ended: outcome === 'unknown' ? 'unknown' : 'not applied', error: message };
  }

  #shoalError(error: unknown, { kind }: Pick<Operation, 'kind'>): ShoalError {
    if (error instanceof ShoalError) return error;
    if (!(error instanceof CallFailed)) throw error;
    return fromStatus(error.status, { write: kind !== 'get', protos: this.#parts.protos });
  }

  #channel(node: string): UnaryChannel | PipelineChannel {
    const { network, process, pipelined } = this.#parts;
    const route = { from: process, address: `${node}:client` };
    const channel = this.#channels.get(node) ?? (pipelined ? this.#pipeline(route) : network.unary(route));
    this.#channels.set(node, channel);
    return channel;
  }

  #pipeline(route: Route): PipelineChannel {
    const { network, protos, random } = this.#parts;
    const { kv, messages } = protos;
    const { clock, turns } = route.from;
    const channel = new LastingLink({
      open: network.stream(route),
      dialect: pipelineDialect(messages),
      clock,
      turns,
      fraction: () => random.fraction(),
    });
    const watched = new WatchedChannel({
      from: route.from,
      channel,
      onAsked: ({ method: number, body }) => {
        const method = NAMES.find(name => PIPELINE_METHOD[name] === number)!;
        const message = () => kv[method].requestDeserialize(body as Buffer);
        return network.asked({ ...route, method, bytes: body.length, message });
      },
    });
    return new PipelineChannel(watched, messages);
  }
}

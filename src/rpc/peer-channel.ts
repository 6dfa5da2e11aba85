/**
 * One connection to another node's peer port, and unary calls over it. Every call has a deadline (I10): without one, a call to a
 * process that is stopped hangs for as long as the kernel keeps accepting for it (TRAPS §0.4).
 */
import { type ChannelOptions, Client, type ClientUnaryCall, credentials } from '@grpc/grpc-js';
import type { Call } from '../ports/call.ts';
import type { Clock } from '../ports/clock.ts';
import { ReplicaFailed } from '../ports/replica.ts';
import type { Channel, Sendable } from './channel.ts';

/** A merge may exceed what a put may leave (DESIGN §13), so records between nodes are not held to 3 MiB. */
export const PEER_MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

const OPTIONS: ChannelOptions = {
  // What is not idempotent must not be sent twice behind our back; the coordinator decides what is tried again (TRAPS G6).
  'grpc.enable_retries': 0,
  // The default backs off up to 120 s: a channel then needs seconds to notice that its peer is back.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 500,
  'grpc.keepalive_time_ms': 2000,
  'grpc.keepalive_timeout_ms': 1000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.max_send_message_length': PEER_MESSAGE_BYTES_MAX,
  'grpc.max_receive_message_length': PEER_MESSAGE_BYTES_MAX,
  'grpc-node.max_session_memory': 256,
  // Otherwise a fresh channel would be given the old connection, and no kick would help.
  'grpc.use_local_subchannel_pool': 1,
  // Neither a proxy from the environment nor the name service has a say in how nodes speak to each other.
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
};

/** No call waits longer, whatever its caller would allow. */
const BUDGET_MS_MAX = 60_000;

export class PeerChannel implements Channel {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #underWay = new Set<ClientUnaryCall>();
  #onIdle: (() => void) | undefined;

  constructor(address: string, clock: Clock) {
    this.#client = new Client(address, credentials.createInsecure(), OPTIONS);
    this.#clock = clock;
  }

  send<I, O>(method: Sendable<I, O>, message: I, call: Call): Promise<O> {
    const budgetMs = Math.min(call.deadline - this.#clock.now(), BUDGET_MS_MAX);
    if (call.cancelled || budgetMs <= 0) {
      return Promise.reject(new ReplicaFailed('not sent', 'nobody waits for the answer any more'));
    }
    const { path, requestSerialize, responseDeserialize } = method;
    const options = { deadline: Date.now() + budgetMs };
    return new Promise((resolve, reject) => {
      const client = this.#client;
      const done = (error: Error | null, reply?: O) => {
        this.#underWay.delete(sent);
        if (this.#underWay.size === 0) this.#onIdle?.();
        if (error === null) resolve(reply as O);
        else reject(error);
      };
      const sent = client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        options,
        done,
      );
      this.#underWay.add(sent);
    });
  }

  /**
   * Closes when what is under way has come to its end, and not before: a keepalive ping on a connection that is being closed
   * counts as unanswered in grpc-js, and cuts it off.
   */
  retire(onClosed: () => void): void {
    this.#onIdle = () => {
      this.#client.close();
      onClosed();
    };
    if (this.#underWay.size === 0) this.#onIdle();
  }

  /** Cuts off what is under way. */
  close(): void {
    this.#client.close();
    for (const call of this.#underWay) call.cancel();
  }
}

/**
 * The way from a simulated node to another's peer port, as src/rpc/connect-peer.ts is in production, with the
 * duplex of the simulated network.
 */
import type { SeededRandom } from '../../src/base/random.ts';
import { LastingLink } from '../../src/link/lasting-link.ts';
import type { Channel } from '../../src/rpc/channel.ts';
import { peerProtocol } from '../../src/rpc/peer-protocol.ts';
import type { Dialect } from '../../src/wire/frame.ts';
import type { Messages } from '../../src/wire/messages.ts';
import { peerDialect } from '../../src/wire/peer-dialect.ts';
import type { Network, Route } from './network/network.ts';
import { WatchedChannel } from './network/watched-channel.ts';
import type { StreamsPlan } from './plan.ts';

/** The peers' dialect, with the limits of the plan: pieces and ids are used up in a run of a minute, too. */
export function dialectOf({ idMax, pieceBytesMax }: StreamsPlan, messages: Messages): Dialect {
  return { ...peerDialect(messages), idMax, pieceBytesMax };
}

export interface PeerLinkParts {
  readonly network: Network;
  readonly messages: Messages;
  readonly dialect: Dialect;
  readonly random: SeededRandom;
}

export function peerLink(route: Route, { network, messages, dialect, random }: PeerLinkParts): Channel {
  const { clock, turns } = route.from;
  const methods = new Map(Object.values(peerProtocol(messages)).map(method => [method.number, method]));
  const channel = new LastingLink({
    open: network.stream(route),
    dialect,
    clock,
    turns,
    fraction: () => random.fraction(),
  });
  return new WatchedChannel({
    from: route.from,
    channel,
    onAsked: ({ method: number, body }) => {
      const { name: method, request } = methods.get(number)!;
      return network.asked({ ...route, method, bytes: body.length, message: () => request.decode(body) });
    },
  });
}

/**
 * The way from a simulated node to another's peer port, as src/rpc/connect-peer.ts is in production, with the
 * duplex of the simulated network.
 */
import { type WriteId, writeId } from '../../src/base/ids.ts';
import type { SeededRandom } from '../../src/base/random.ts';
import type { HandOnPutRequest__Output } from '../../src/gen/shoal/peer/v1/HandOnPutRequest.ts';
import { LastingLink } from '../../src/link/lasting-link.ts';
import type { Channel } from '../../src/rpc/channel.ts';
import { peerProtocol } from '../../src/rpc/peer-protocol.ts';
import type { Dialect } from '../../src/wire/frame.ts';
import type { Messages } from '../../src/wire/messages.ts';
import { peerDialect } from '../../src/wire/peer-dialect.ts';
import type { HandOns } from './hand-ons.ts';
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
  readonly handOns: HandOns;
}

export function peerLink(route: Route, parts: PeerLinkParts): Channel {
  const { network, messages, dialect, random, handOns } = parts;
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
      const message = () => request.decode(body);
      const over = method === 'HandOnPut' ? handOns.began(handedOn(message()), nameOf(route)) : undefined;
      const onEnding = network.asked({ ...route, method, bytes: body.length, message });
      return (how, answerBytes) => {
        over?.();
        onEnding(how, answerBytes);
      };
    },
  });
}

/** Its door has drawn a write id for each put. */
function handedOn(message: unknown): WriteId {
  return writeId((message as HandOnPutRequest__Output).put!.writeId);
}

function nameOf({ address }: Route): string {
  return address.slice(0, address.indexOf(':'));
}

/**
 * The way to the peer port at an address, as nodes keep it: a lasting link over gRPC, in the peers' dialect.
 */
import { grpcDuplex } from '../link/grpc-duplex.ts';
import { LastingLink, type LastingLinkOptions } from '../link/lasting-link.ts';
import { peerDialect } from '../wire/peer-dialect.ts';
import type { Protos } from '../wire/protos.ts';
import type { LinkReports } from './link-reports.ts';
import { PEER_FRAME_BYTES_MAX } from './peer-door.ts';

export interface ConnectPeerOptions extends Pick<LastingLinkOptions, 'clock' | 'turns' | 'fraction'> {
  readonly protos: Protos;
  /** Told why a stream ended that had been open. */
  readonly reports?: LinkReports;
}

/** Nothing is opened before something is asked. */
export function connectPeer(
  address: string,
  { protos: { messages, peer }, reports, ...options }: ConnectPeerOptions,
): LastingLink {
  const { path } = peer.Link;
  return new LastingLink({
    ...options,
    open: grpcDuplex({ address, path, frameBytesMax: PEER_FRAME_BYTES_MAX, proxied: false }),
    dialect: peerDialect(messages),
    onEnded: end => {
      if (end.opened) reports?.cut(address, end);
    },
  });
}

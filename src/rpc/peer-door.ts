/** The port for other nodes. What is answered there: peer-methods.ts. */
import { Server } from '@grpc/grpc-js';
import { LINK_BOUNDS } from '../link/asking.ts';
import type { Turns } from '../ports/turns.ts';
import { peerDialect } from '../wire/peer-dialect.ts';
import type { Protos } from '../wire/protos.ts';
import { gaugeDoor } from './door-gauges.ts';
import { Gate, type GateLimits } from './gate.ts';
import { closeServer, listen, SERVER_OPTIONS } from './listen.ts';
import { type PeerServices, peerMethods } from './peer-methods.ts';
import { ServedLinks } from './served-links.ts';
import { addService } from './service.ts';
import type { Door } from './serving.ts';
import { StallWatch } from './stall.ts';

export interface PeerDoorOptions extends Omit<Door, 'gate' | 'stalls'>, PeerServices {
  /** host:port; port 0 for any free one. */
  readonly address: string;
  readonly protos: Protos;
  readonly turns: Turns;
  /** How much may be under way at once. */
  readonly limits?: GateLimits;
}

export interface PeerDoor {
  /** host:port as bound. */
  readonly address: string;
  /** Turns away what comes from now on, lets what is under way finish for `graceMs`, then closes. */
  close(graceMs: number): Promise<void>;
}

const MIB = 1024 * 1024;
/** A frame has at most 512 KiB, or one piece. */
export const PEER_FRAME_BYTES_MAX = 4 * MIB;
/** Every member, its former processes, and some strangers. */
const STREAMS_MAX = 1024;
/**
 * What a handful of busy peers have under way at once; each sends at most 1024. They let in no more than they
 * can: all of it is begun.
 */
export const PEER_LIMITS: GateLimits = {
  calls: 8192,
  bytes: 256 * MIB,
  begun: { first: 8192, min: 8192, max: 8192 },
};

/** Rejects with StartUpError when the address cannot be bound. */
export async function openPeerDoor(options: PeerDoorOptions): Promise<PeerDoor> {
  const server = new Server({ ...SERVER_OPTIONS, 'grpc.max_receive_message_length': PEER_FRAME_BYTES_MAX });
  const stalls = new StallWatch(options.clock);
  const gate = new Gate({ ...options, stalls, limits: options.limits ?? PEER_LIMITS });
  const { protos, turns } = options;
  const { messages } = protos;
  const door: Door = { ...options, gate, stalls };
  gaugeDoor('peers', door);
  const links = new ServedLinks({
    door,
    protos,
    turns,
    carriages: peerMethods(options, messages),
    dialect: peerDialect(messages),
    callsMax: LINK_BOUNDS.prompt.calls + LINK_BOUNDS.bulk.calls,
    streamsMax: STREAMS_MAX,
  });
  addService(
    server,
    { definition: protos.peer, methods: {}, streams: { Link: links.handler }, protos },
    door,
  );
  const address = await listen(server, { address: options.address, flag: '--peer-listen' });
  return {
    address,
    async close(graceMs: number) {
      gate.close();
      links.finish();
      await closeServer(server, graceMs);
      stalls.stop();
    },
  };
}

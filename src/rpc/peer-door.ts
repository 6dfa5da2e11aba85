/** The port for other nodes. What is answered there: peer-methods.ts. */
import { Server } from '@grpc/grpc-js';
import { Gate, type GateLimits } from './gate.ts';
import { closeServer, listen, SERVER_OPTIONS } from './listen.ts';
import { PEER_MESSAGE_BYTES_MAX } from './peer-channel.ts';
import { type PeerServices, peerMethods } from './peer-methods.ts';
import { addService } from './service.ts';
import type { Door } from './serving.ts';
import { StallWatch } from './stall.ts';

export interface PeerDoorOptions extends Omit<Door, 'gate' | 'stalls'>, PeerServices {
  /** host:port; port 0 for any free one. */
  readonly address: string;
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
/** What a handful of busy peers have under way at once; each sends at most 1024. */
export const PEER_LIMITS: GateLimits = { calls: 8192, bytes: 512 * MIB };

/** Rejects with StartUpError when the address cannot be bound. */
export async function openPeerDoor(options: PeerDoorOptions): Promise<PeerDoor> {
  const server = new Server({ ...SERVER_OPTIONS, 'grpc.max_receive_message_length': PEER_MESSAGE_BYTES_MAX });
  const gate = new Gate(options.limits ?? PEER_LIMITS);
  const stalls = new StallWatch(options.clock);
  const door: Door = { ...options, gate, stalls };
  addService(server, { definition: door.protos.peer, methods: peerMethods(options) }, door);
  const address = await listen(server, { address: options.address, flag: '--peer-listen' });
  return {
    address,
    async close(graceMs: number) {
      gate.close();
      await closeServer(server, graceMs);
      stalls.stop();
    },
  };
}

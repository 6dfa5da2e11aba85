/** Doors on free ports over fakes, closed when the test is over. */
import { onTestFinished } from 'vitest';
import type { Overview, Repairs } from '../../src/ports/overview.ts';
import type { Requests, WriteReply } from '../../src/ports/requests.ts';
import { type ClientDoor, type ClientDoorOptions, openClientDoor } from '../../src/rpc/client-door.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemTurns } from '../../src/system/turns.ts';
import { protos } from '../support/grpc.ts';
import { KeptLog } from '../support/quiet.ts';

export const REPLICAS = { required: 2, answered: 2, fallback: 0, unrepaired: 0 };
export const WRITTEN: WriteReply = { context: Buffer.from('seen'), replicas: REPLICAS, siblings: [] };

/** A fake that fails the test when anything but these is asked of it. */
export function fakeRequests(answers: Partial<Requests>): Requests {
  const unexpected = () => Promise.reject(new Error('this was not to be asked'));
  return { get: unexpected, put: unexpected, delete: unexpected, ...answers };
}

export const noOverview: Overview = {
  epoch: 1,
  status: () => {
    throw new Error('this was not to be asked');
  },
  locate: () => {
    throw new Error('this was not to be asked');
  },
  ring: () => {
    throw new Error('this was not to be asked');
  },
};

const noRepairs: Repairs = {
  repairNow: () => {
    throw new Error('this was not to be asked');
  },
};

export interface OpenDoor extends ClientDoor {
  readonly log: KeptLog;
  readonly bugs: unknown[];
}

export async function openDoor(options: Partial<ClientDoorOptions>): Promise<OpenDoor> {
  const log = new KeptLog();
  const bugs: unknown[] = [];
  const door = await openClientDoor({
    address: '127.0.0.1:0',
    requests: fakeRequests({}),
    overview: noOverview,
    repairs: noRepairs,
    protos,
    clock: systemClock,
    turns: systemTurns,
    log,
    onBug: bug => bugs.push(bug),
    ...options,
  });
  onTestFinished(() => door.close(0));
  return { ...door, log, bugs };
}

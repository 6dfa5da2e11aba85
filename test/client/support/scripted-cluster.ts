/** A caller over scripted nodes, in virtual time. */
import { Buffer } from 'node:buffer';
import { expect } from 'vitest';
import { ShoalError } from '../../../src/base/errors.ts';
import { type Background, Caller } from '../../../src/client/caller.ts';
import type { Order } from '../../../src/client/course.ts';
import { KnownNode } from '../../../src/client/known-node.ts';
import { Nodes } from '../../../src/client/nodes.ts';
import type { KeyName } from '../../../src/client/shown.ts';
import { loadProtos } from '../../../src/wire/protos.ts';
import { ScriptedLine } from './scripted-line.ts';
import { VirtualSurroundings } from './virtual-surroundings.ts';

const { messages } = loadProtos();

export interface Terms {
  readonly write: boolean;
  readonly repeatable: boolean;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly key?: KeyName;
  readonly body?: Uint8Array;
}

export const READ: Terms = { write: false, repeatable: true };
export const PUT: Terms = { write: true, repeatable: true };
export const SINGLE: Terms = { write: true, repeatable: false };

const NOTHING_BESIDE: Background = { begun: () => {}, look: () => {}, failed: () => {}, close: () => {} };

const QUESTION = Buffer.from('question');

/** Answered with the name of the node. */
function order({ write, repeatable, deadlineMs = 6000, signal, key, body = QUESTION }: Terms): Order<string> {
  const question = { path: '/test', number: 3, body, write, messages };
  return {
    question,
    key,
    deadlineMs,
    signal,
    repeatable,
    show: body => Buffer.from(body).toString(),
  };
}

export function setUp(names: readonly string[] = ['a', 'b', 'c']) {
  const world = new VirtualSurroundings();
  const nodes = names.map(name => new ScriptedLine(name, world));
  const lineTo = (address: string) => nodes.find(({ name }) => name === address)!;
  const known = new Nodes(names, address => new KnownNode(address, lineTo(address)));
  const caller = new Caller({ nodes: known, surroundings: world, background: NOTHING_BESIDE });
  const begin = (terms: Terms = READ): Promise<string> => caller.call(order(terms));
  const ask = (terms: Terms = READ): Promise<string> => world.until(begin(terms));
  return {
    world,
    nodes,
    known,
    caller,
    /** Begins a call, and lets no time pass. */
    begin,
    ask,
    refused: async (terms: Terms): Promise<ShoalError> => {
      const error = await ask(terms).catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(ShoalError);
      return error as ShoalError;
    },
    counts: () => nodes.map(node => node.attempts.length),
  };
}

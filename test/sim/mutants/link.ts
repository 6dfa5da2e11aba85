/**
 * Bugs in the links between nodes, and between clients and nodes (DESIGN §8), as far as clients and disks can
 * tell. What only costs time or room, as a lost frame that nobody is told of until the deadline, is left to
 * the link's own tests (test/link).
 */
import { aimedAt, CUT_ONE, KILL, mix, PAUSE, PIPELINED, SLOW_DISKS, SLOW_THEN_KILL } from './aims.ts';
import type { Mutant } from './mutate.ts';

export const LINK_MUTANTS: readonly Mutant[] = [
  {
    name: 'an answer goes to whoever has waited longest for one of its kind',
    file: 'src/link/asking-link.ts',
    find: 'const { id, failed } = answer;',
    replace: 'const { failed } = answer; const id = this.#pending.first(answer.id);',
    also: [
      {
        file: 'src/link/pending.ts',
        find: 'get size()',
        replace:
          'first(id) { for (const [other, { asking, sent }] of this.#open) if (sent === "all" && asking.method === this.#open.get(id)?.asking.method) return other; return id; } get size()',
      },
    ],
    seeds: 12,
    invariants: ['I1', 'I4'],
    plan: aimedAt({ everyMs: 1_500, round: SLOW_DISKS, streams: PIPELINED }),
  },
  {
    name: 'a replica whose answer was lost counts as having acknowledged',
    file: 'src/coordinator/write-round.ts',
    find: 'this.#tally = addFailure(this.#tally, candidate.node);',
    replace: "this.#tally = (why.failure === 'lost' ? addAck : addFailure)(this.#tally, candidate.node);",
    seeds: 12,
    invariants: ['I1', 'I4'],
    plan: aimedAt({ everyMs: 1_500, round: CUT_ONE, client: { w: 3, r: 1 } }),
  },
  {
    name: 'what was sent on a stream that ends is said not to have been sent',
    file: 'src/link/pending.ts',
    find: "kind: sent === 'nothing' ? 'not sent' : 'lost', because",
    replace: "kind: 'not sent', because",
    seeds: 12,
    invariants: ['I1', 'I2'],
    plan: aimedAt({ everyMs: 1_500, round: SLOW_THEN_KILL, streams: PIPELINED }),
  },
  {
    name: 'what was under way on a stream that ends is forgotten',
    file: 'src/link/pending.ts',
    find: 'open?.asking.settle(unanswered(open, end));',
    replace: '',
    seeds: 12,
    invariants: ['I10', 'L1'],
    plan: aimedAt({ everyMs: 1_500, round: KILL, streams: PIPELINED }),
  },
  {
    name: 'nobody looks at the deadlines of what is under way',
    file: 'src/link/pending.ts',
    find: 'asking.call.deadline <= now',
    replace: 'false',
    seeds: 12,
    invariants: ['I10', 'L1'],
    plan: aimedAt({ round: PAUSE, streams: PIPELINED, client: { deadlineMs: 300 } }),
  },
  {
    name: 'of a body that goes in pieces the last but one is lost',
    file: 'src/link/assembly.ts',
    find: 'return Buffer.concat(pieces);',
    replace: 'return Buffer.concat(pieces.filter((_, i) => i !== pieces.length - 2));',
    seeds: 5,
    invariants: ['I10', 'L1'],
    plan: aimedAt({ round: KILL, streams: { pieceBytesMax: 128 } }),
  },
  {
    name: 'what has expired on its way is executed',
    file: 'src/rpc/serving.ts',
    find: 'this.deadline <= this.arrivedAt',
    replace: 'false',
    seeds: 40,
    invariants: ['I10'],
  },
  {
    name: 'a request that comes over a link is done twice',
    file: 'src/link/answering-link.ts',
    find: 'onAsk(incoming);',
    replace: 'onAsk(incoming); this.#options.clock.after(30, () => onAsk(incoming));',
    seeds: 12,
    invariants: ['I1', 'I2'],
    plan: aimedAt({
      round: KILL,
      streams: PIPELINED,
      client: { mix: mix({ get: 1, 'put blind': 1, 'delete unseen': 0.5, 'put overwrite': 0.5 }) },
    }),
  },
];

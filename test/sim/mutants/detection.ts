/** Bugs in what nodes believe of each other, and in who finds out who is gone (DESIGN §7, *Detection*). */
import { aimedAt, type Round, shuffled } from './aims.ts';
import type { Edit, Mutant } from './mutate.ts';

/** Each of these takes so long that everybody notices, and so long again until all is as it was. */
const EVERY_MS = 14_000;
const LONG = { everyMs: EVERY_MS, safetyMs: 45_000, keys: 2 };

/** Longer than any suspicion. */
const LONG_PAUSE: Round = (at, random) => [{ at, kind: 'pause', node: shuffled(random)[0], ms: 6_000 }];

const LONG_KILL: Round = (at, random) => [{ at, kind: 'kill', node: shuffled(random)[0], downMs: 13_000 }];

const NO_HELPERS: Edit = {
  file: 'src/membership/questions.ts',
  find: 'const helpers = this.#stopped ? [] : this.#helpers(name);',
  replace: 'const helpers = [];',
};

export const DETECTION_MUTANTS: readonly Mutant[] = [
  {
    name: 'an old sign of life outweighs what is known since: a dead node is revived',
    file: 'src/core/membership/view.ts',
    find: 'RANKS[a.state] - RANKS[b.state]',
    replace: 'RANKS[b.state] - RANKS[a.state]',
    seeds: 12,
    invariants: ['L2'],
    plan: aimedAt({ ...LONG, round: LONG_KILL }),
  },
  {
    name: 'nobody is ever called down',
    file: 'src/membership/detector.ts',
    find: 'now - Math.max(rhythm.heardAt, suspect.since) >= ms * this.#doubt.patience',
    replace: 'false',
    seeds: 12,
    invariants: ['L2'],
    plan: aimedAt({ ...LONG, round: LONG_KILL }),
  },
  {
    name: 'a node believes a rumour of its own death',
    file: 'src/membership/gossip.ts',
    find: 'onDisputed(entry);',
    replace: '{}',
    also: [
      // So it would hear of it when it greets.
      {
        file: 'src/membership/acquaintances.ts',
        find: "known.bootId === bootId && known.state === 'alive'",
        replace: 'true',
      },
    ],
    seeds: 12,
    invariants: ['L2', 'L1'],
    plan: aimedAt({ ...LONG, round: LONG_PAUSE }),
  },
  {
    name: 'the detector trusts its own stalled clock',
    file: 'src/membership/self-doubt.ts',
    find: 'if (lateMs <= LATE_MS)',
    replace: 'if (true)',
    also: [
      // It would not conclude anything from what it asked before,
      {
        file: 'src/membership/self-doubt.ts',
        find: 'this.#stalledAt >= sentAt || this.#clock.now() - this.#dueAt > LATE_MS',
        replace: 'false',
      },
      // others would tell it otherwise, and so would what they had sent meanwhile.
      NO_HELPERS,
      {
        file: 'src/membership/detector.ts',
        find: 'watch.rhythm.heardAt >= sentAt',
        replace: 'false',
      },
    ],
    seeds: 12,
    invariants: ['L2'],
    // Some question is nearly always under way.
    plan: plan => ({
      ...aimedAt({ ...LONG, round: LONG_PAUSE })(plan),
      network: { delayMs: { min: 50, usual: 90 }, slowShare: 0 },
    }),
  },
];

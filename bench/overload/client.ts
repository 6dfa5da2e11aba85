/** A client process: offers what its parent tells it to, says what came of it, and ends with its parent. */
import { setTimeout as sleep } from 'node:timers/promises';
import { loadMessages } from '../../src/wire/messages.ts';
import { type Body, bodies } from './bodies.ts';
import type { Came, Offered } from './offered.ts';
import { Pipe } from './pipe.ts';
import { Tally } from './tally.ts';
import { UnaryCaller } from './unary-caller.ts';

/** Often enough for even arrivals, seldom enough that frames hold some operations. */
const TICK_MS = 4;

const messages = loadMessages();

process.once('disconnect', () => process.exit());
process.on('message', (offered: Offered) => void offer(offered).then(came => process.send?.(came)));

interface Caller {
  readonly opened: Promise<void>;
  send(asked: readonly Body[]): void;
  close(): void;
}

async function offer(offered: Offered): Promise<Came> {
  const draw = bodies(messages, offered.readShare);
  const tally = new Tally();
  const some = (count: number) => Array.from({ length: count }, draw);
  const again = new Again(offered, some);
  const callers = callersOf(offered, tally, (caller, count) => again.answered(caller, count));
  await Promise.all(callers.map(({ opened }) => opened));
  again.begin(callers);
  await sleep(offered.seconds * 1000);
  again.over = true;
  const came = tally.came();
  for (const caller of callers) caller.close();
  return came;
}

function callersOf(
  { addresses, carriage, streamsEach }: Offered,
  tally: Tally,
  onAnswers: (caller: Caller, count: number) => void,
): readonly Caller[] {
  return addresses.flatMap(address =>
    Array.from({ length: streamsEach }, () => {
      const options = { address, messages, tally, onAnswers: (count: number) => onAnswers(caller, count) };
      const caller: Caller = carriage === 'pipeline' ? new Pipe(options) : new UnaryCaller(options);
      return caller;
    }),
  );
}

/** When the next are sent: for each answer another, or by the clock. */
class Again {
  readonly #load: Offered['load'];
  readonly #some: (count: number) => readonly Body[];
  over = false;

  constructor({ load }: Offered, some: (count: number) => readonly Body[]) {
    this.#load = load;
    this.#some = some;
  }

  begin(callers: readonly Caller[]): void {
    if ('inFlight' in this.#load) {
      const each = Math.ceil(this.#load.inFlight / callers.length);
      for (const caller of callers) caller.send(this.#some(each));
    } else void this.#keepRate(callers, this.#load.perSecond);
  }

  answered(caller: Caller, count: number): void {
    if ('inFlight' in this.#load && !this.over) caller.send(this.#some(count));
  }

  /** What a late tick has missed is sent with the next. */
  async #keepRate(callers: readonly Caller[], perSecond: number): Promise<void> {
    const begun = performance.now();
    let sent = 0;
    while (!this.over) {
      await sleep(TICK_MS);
      const due = Math.floor(((performance.now() - begun) / 1000) * perSecond);
      const each = Math.floor((due - sent) / callers.length);
      sent += each * callers.length;
      if (each > 0 && !this.over) for (const caller of callers) caller.send(this.#some(each));
    }
  }
}

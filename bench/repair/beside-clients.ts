/**
 * What clients notice while a node that lost its disk is refilled, and while many keys that differ are
 * mended by anti-entropy: the same clients before that and after it.
 */
import type { Measured } from '../run/measured.ts';
import { type EvenClients, type Windows, withEvenClients } from '../stage/even-clients.ts';
import type { Figure } from '../stage/figure.ts';
import { latencyFigure, noticedFigures } from '../stage/noticed.ts';
import { progress } from '../stage/progress.ts';
import { onStage, type Stage } from '../stage/stage.ts';
import { statuses } from '../stage/watch.ts';
import { keysNamed, type Writing, writeKeys } from '../stage/writing.ts';
import { untilAgreed } from './agreed.ts';
import { type LoadedOptions, NODES } from './loaded.ts';

export interface Beside extends LoadedOptions, Windows {
  /** So many keys differ. */
  readonly apart: number;
}

const AWAY = NODES - 1;

export async function besideFigures(beside: Beside): Promise<readonly Figure[]> {
  return await onStage({ nodes: NODES, without: ['read-repair', 'hints'] }, async stage => {
    await write(stage, 'k', beside.keys, { ...beside, blind: true });
    return await withEvenClients(stage, beside, clients => new Besides(stage, clients, beside).figures());
  });
}

class Besides {
  readonly #stage: Stage;
  readonly #clients: EvenClients;
  readonly #beside: Beside;

  constructor(stage: Stage, clients: EvenClients, beside: Beside) {
    this.#stage = stage;
    this.#clients = clients;
    this.#beside = beside;
  }

  async figures(): Promise<readonly Figure[]> {
    const { cluster } = this.#stage;
    const { keys, apart, valueBytes } = this.#beside;
    const before = await this.#clients.alone('before');
    await cluster.halt(AWAY);
    await cluster.revive(AWAY);
    const restarted = await this.#clients.alone('restarted');
    await cluster.halt(AWAY);
    cluster.wipe(AWAY);
    const refill = await this.#mended();
    const between = await this.#clients.alone('between');
    await cluster.halt(AWAY);
    await write(this.#stage, 'apart-', apart, { w: 2, strict: true, valueBytes });
    const repair = await this.#mended();
    const after = await this.#clients.alone('after');
    return [
      { what: 'clients: what they ask a second', measured: this.#clients.rate.toFixed(0) },
      latencyFigure('clients beside a node that was restarted and missed little: p50, p99', restarted),
      ...shown(`clients beside a refill of ${keys} keys`, { ...refill, before, after: between }),
      ...shown(`clients beside a repair of ${apart} keys`, { ...repair, before: between, after }),
    ];
  }

  /** The node is started, and clients ask until it and all others agree. */
  async #mended(): Promise<Mended> {
    const { cluster } = this.#stage;
    await cluster.revive(AWAY);
    const over = untilAgreed(cluster.addresses[AWAY]!);
    const began = performance.now();
    const lackingFirst = await this.#lacking();
    let perSecond = 0;
    const left = async () => {
      const lacking = await this.#lacking();
      perSecond = (1000 * (lackingFirst - lacking)) / (performance.now() - began);
      return `${lacking} records less there than elsewhere`;
    };
    const during = await this.#clients.beside({ over, left });
    return { during, perSecond, seconds: await over };
  }

  async #lacking(): Promise<number> {
    const records = (await statuses(this.#stage.cluster.addresses)).map(status => status.records);
    return records[0]! - records[AWAY]!;
  }
}

interface Mended {
  readonly during: readonly Measured[];
  /** Records that came to it, as long as clients asked. */
  readonly perSecond: number;
  /** Until all agree; clients end before when it takes very long. */
  readonly seconds: number;
}

function shown(
  what: string,
  {
    seconds,
    perSecond,
    ...noticed
  }: Mended & { readonly before: readonly Measured[]; readonly after: readonly Measured[] },
): readonly Figure[] {
  return [
    ...noticedFigures(what, noticed),
    { what: `${what}: records a second meanwhile`, measured: perSecond.toFixed(0) },
    { what: `${what}: until all agree, at last without clients`, measured: `${seconds.toFixed(0)} s` },
  ];
}

async function write({ bucket }: Stage, prefix: string, keys: number, how: Writing): Promise<void> {
  await writeKeys(bucket, keysNamed(prefix, keys), { ...how, onWritten: progress('writing', keys) });
}

/**
 * The one line that tells how far a long run has come: rewritten in place about each second where somebody
 * watches, and a line of its own each ten seconds where only a file does.
 */
import { clusterHours, counted, faultsIn, type Totals } from './figures.ts';

export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const EVERY_MS = 1_000;
const EVERY_MS_IN_FILES = 10_000;
const ERASE_LINE = '\r\x1b[2K';

export class Progress {
  readonly #screen: Screen;
  #toldAt = 0;
  #onScreen = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Tells it, if the last time is long enough ago. @param wallMs since the run began */
  tell(text: string, wallMs: number): void {
    if (wallMs - this.#toldAt < (this.#screen.isTTY ? EVERY_MS : EVERY_MS_IN_FILES)) return;
    this.#toldAt = wallMs;
    if (!this.#screen.isTTY) {
      this.#screen.write(`${text}\n`);
      return;
    }
    this.#screen.write(ERASE_LINE + text.slice(0, (this.#screen.columns ?? 80) - 1));
    this.#onScreen = true;
  }

  /** Something that stays, above the line. */
  print(text: string): void {
    if (this.#onScreen) this.#screen.write(ERASE_LINE);
    this.#onScreen = false;
    this.#screen.write(`${text}\n`);
  }
}

export function progressLine(
  totals: Totals,
  { wallMs, leftMs }: { wallMs: number; leftMs?: number },
): string {
  const perSecond = totals.seeds / (Math.max(wallMs, 1) / 1000);
  // First what must be seen on a narrow screen, too.
  return [
    totals.failures === 0 ? 'no failure' : `${totals.failures} FAILED`,
    ...(leftMs === undefined ? [] : [`${clock(leftMs)} left`]),
    counted(totals.seeds, 'seed'),
    `${perSecond.toFixed(1)}/s`,
    `${clusterHours(totals).toFixed(2)} cluster-hours`,
    counted(totals.operations, 'operation'),
    counted(faultsIn(totals), 'fault'),
  ].join('  ');
}

/** `9:05`, minutes and seconds. */
function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/**
 * What a node tells its operator: pino, written synchronously to stderr (a line that explains a crash must be
 * out before it).
 *
 * Two forms. `json`, one object a line, is what collectors read, and what a file or a pipe gets. `text` is
 * for a person at three in the morning: time of day, level if it is not plain information, the sentence, then
 * the facts. A terminal gets text without asking, because nobody there is served by JSON, and nobody looks
 * for a flag at that hour.
 */
import { pino } from 'pino';
import type { Facts, Log } from '../ports/log.ts';

export type LogForm = 'text' | 'json';

export interface LogOptions {
  readonly form: LogForm;
  /**
   * Whose log it is: `self` in each JSON line, since facts may name other nodes. A terminal belongs to one
   * node.
   */
  readonly self: string;
}

/** Where lines go; takes them whole, line feed included. */
export interface LineSink {
  write(line: string): void;
}

export function createLog({ form, self }: LogOptions, sink: LineSink = stderr()): Log {
  const logger = pino(
    {
      base: { self },
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
    },
    form === 'json' ? sink : { write: line => sink.write(asText(line)) },
  );
  return {
    info: (event, facts) => logger.info(facts ?? {}, event),
    warn: (event, facts) => logger.warn(facts ?? {}, event),
    error: (event, facts) => logger.error(facts ?? {}, event),
  };
}

function stderr(): LineSink {
  return pino.destination({ dest: 2, sync: true });
}

interface Line extends Facts {
  readonly level: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly event: string;
}

/** `01:32:07 warn: the disk is slow (p99Ms 80, partition 12)` */
function asText(json: string): string {
  const { level, time, event, self: _, ...facts } = JSON.parse(json) as Line;
  const told = Object.entries(facts).map(([name, value]) => `${name} ${String(value)}`);
  const severity = level === 'info' ? '' : ` ${level}:`;
  return `${time.slice(11, 19)}${severity} ${event}${told.length === 0 ? '' : ` (${told.join(', ')})`}\n`;
}

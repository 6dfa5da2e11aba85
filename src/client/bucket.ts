/** Reading and writing the keys of one bucket. */
import { ShoalError } from '../base/errors.ts';
import { WRITE_ID_BYTES } from '../base/ids.ts';
import { checkNames } from '../core/limits.ts';
import { PIPELINE_METHOD } from '../wire/pipeline-dialect.ts';
import { checkDeadline, checkQuorum, contextOf, valueMessage } from './checks.ts';
import { Entry } from './entry.ts';
import {
  atOnceOf,
  type Got,
  many,
  type NewEntry,
  type Put,
  type PutManyOptions,
  shoalError,
} from './many.ts';
import type { CallOptions, PutOptions, ReadOptions, UpdateOptions, WriteOptions } from './options.ts';
import { readReply } from './reply.ts';
import { READ, REPEATABLE_WRITE, type Session, SINGLE_WRITE, send } from './session.ts';
import type { KeyName, Value } from './shown.ts';
import { type Merge, update } from './update.ts';
import { Written } from './written.ts';

const NO_CONTEXT = new Uint8Array();

/**
 * A bucket: a namespace of keys. It need not be made, and costs nothing to hold.
 *
 * Names are Unicode strings, 1–255 bytes of UTF-8 for a bucket and 1–1024 for a key. Every method rejects
 * with `ShoalError`, whose `reason` says why (BAD_KEY, BAD_QUORUM, QUORUM_UNREACHABLE, UNREACHABLE, …) and
 * whose `outcome` says whether a write may still appear.
 */
export class Bucket {
  readonly name: string;
  readonly #session: Session;

  /** Made by `Client.bucket`. */
  constructor(name: string, session: Session) {
    this.name = name;
    this.#session = session;
  }

  /** Reads a key. An absent key is an entry with `exists` false. */
  async get(key: string, options: ReadOptions = {}): Promise<Entry> {
    const at = this.#at(key);
    return send(this.#session, {
      method: this.#session.protos.kv.Get,
      number: PIPELINE_METHOD.Get,
      request: {
        bucket: this.name,
        key,
        r: checkQuorum(options.r, 'replies'),
        strict: options.strict ?? false,
      },
      key: at,
      kind: READ,
      options,
      show: reply => new Entry(readReply(at, reply)),
    });
  }

  /**
   * Writes a key: over whatever is there; with `after`, over what that showed; with `blind`, over nothing. It
   * is tried again on failure, through other nodes too, and stays one write, because it bears one write id
   * throughout. Further reasons: BAD_VALUE, BAD_CONTEXT, TOO_MANY_SIBLINGS, RECORD_TOO_LARGE, and
   * OUTCOME_UNKNOWN: it may appear later.
   * @throws TypeError when both `after` and `blind` are given
   */
  async put(key: string, value: Value, options: PutOptions = {}): Promise<Written> {
    const at = this.#at(key);
    const { after, blind = false, strict = false } = options;
    if (after && blind) throw new TypeError('put: `after` and `blind` exclude each other');
    const request = {
      ...at,
      value: valueMessage(value),
      context: after ? contextOf(after, at) : NO_CONTEXT,
      overwrite: !after && !blind,
      w: checkQuorum(options.w, 'acknowledgements'),
      strict,
      writeId: this.#session.surroundings.bytes(WRITE_ID_BYTES),
    };
    return send(this.#session, {
      method: this.#session.protos.kv.Put,
      number: PIPELINE_METHOD.Put,
      request,
      key: at,
      kind: REPEATABLE_WRITE,
      options,
      show: reply => new Written(readReply(at, reply)),
    });
  }

  /**
   * Removes a key: whatever is there; with `after`, what that showed. Deleting what is absent is no error.
   *
   * With `after` it is tried again like a put. Without, it is not tried again once its outcome is unknown,
   * because a repeat could remove what others have written in between: it then rejects with OUTCOME_UNKNOWN,
   * and the program, which knows whether that matters, reads the key and deletes `after` that.
   */
  async delete(key: string, options: WriteOptions = {}): Promise<Written> {
    const at = this.#at(key);
    const { after, strict = false } = options;
    const context = after ? contextOf(after, at) : NO_CONTEXT;
    return send(this.#session, {
      method: this.#session.protos.kv.Delete,
      number: PIPELINE_METHOD.Delete,
      request: { ...at, context, w: checkQuorum(options.w, 'acknowledgements'), strict },
      key: at,
      kind: after ? REPEATABLE_WRITE : SINGLE_WRITE,
      options,
      show: reply => new Written(readReply(at, reply)),
    });
  }

  /**
   * Reads many keys, a bounded number of them at once. Each has an outcome of its own, in the order of
   * `keys`; that one fails does not end the others. `deadlineMs` is for all of them together: what was not
   * read by then has EXPIRED. Rejects only for options that mean nothing (RangeError).
   */
  async getMany(keys: readonly string[], options: ReadOptions = {}): Promise<readonly Got[]> {
    return many(keys, this.#within(options), async (key, rest) => {
      try {
        return { key, ok: true, entry: await this.get(key, { ...options, deadlineMs: rest() }) };
      } catch (error) {
        return { key, ok: false, error: shoalError(error) };
      }
    });
  }

  /**
   * Writes many keys, a bounded number of them at once. Each is a write of its own, by itself done or not
   * done, and has an outcome of its own, in the order of `entries`; there is no order among them, so no key
   * should be named twice. `deadlineMs` is for all of them together: what was not begun by then has EXPIRED
   * and is not applied. Rejects only for options that mean nothing (RangeError).
   */
  async putMany(entries: readonly NewEntry[], options: PutManyOptions = {}): Promise<readonly Put[]> {
    const within = { ...this.#within(options), atOnce: atOnceOf(entries) };
    return many(entries, within, async ({ key, value, after, blind }, rest) => {
      try {
        const written = await this.put(key, value, { ...options, after, blind, deadlineMs: rest() });
        return { key, ok: true, written };
      } catch (error) {
        return { key, ok: false, error: shoalError(error) };
      }
    });
  }

  /**
   * Changes a key by what is there: reads it, hands `merge` all its values (none when it is absent, several
   * after concurrent writes), and writes what that returns over exactly these; undefined removes the key.
   * When others wrote meanwhile, it reads and merges again, so `merge` may be called several times and should
   * do nothing but compute.
   *
   * Rejects with ContendedError when it has written, but its rounds or its time ran out while others kept
   * writing, or a later round failed (its `cause`). What `merge` throws is passed on.
   * @returns the last write, beside which nothing stood
   */
  update(key: string, merge: Merge, options: UpdateOptions = {}): Promise<Written> {
    return update({ bucket: this, key, merge }, options, this.#session);
  }

  #within({ deadlineMs = this.#session.deadlineMs }: CallOptions) {
    return { deadlineMs: checkDeadline(deadlineMs), surroundings: this.#session.surroundings };
  }

  /** @throws ShoalError BAD_KEY */
  #at(key: string): KeyName {
    const at = { bucket: this.name, key };
    if (typeof key !== 'string') throw new ShoalError('BAD_KEY', 'key is not a string');
    checkNames(at);
    return at;
  }
}

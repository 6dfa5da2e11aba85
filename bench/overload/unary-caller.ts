/**
 * Unary calls of messages made beforehand, over one connection: what many clients that cannot stream do
 * together.
 */
import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import type { Body } from './bodies.ts';
import {
  acknowledged,
  FRAME,
  type Frame,
  framesIn,
  greeting,
  type Request,
  request,
  streamsMaxIn,
} from './raw-http2.ts';
import type { Tally } from './tally.ts';

export interface CallerOptions {
  readonly address: string;
  readonly tally: Tally;
  readonly onAnswers: (count: number) => void;
}

const WAITING_BYTES_MAX = 256 * 1024;
const RING = 65_536;

export class UnaryCaller {
  readonly opened: Promise<void>;
  readonly #options: CallerOptions;
  readonly #socket: Socket;
  readonly #requests = new WeakMap<Body, Request>();
  readonly #sentAt = new Float64Array(RING);
  readonly #gotMessage = new Uint8Array(RING);
  #rest: Buffer | undefined;
  #window = 65_535;
  #nextStream = 1;
  #underWay = 0;
  /** What the node lets one connection have under way; a client with more to ask keeps it to itself. */
  #underWayMax = 100;

  constructor(options: CallerOptions) {
    this.#options = options;
    const [host, port] = options.address.split(':');
    this.#socket = connect(Number(port), host);
    this.#socket.setNoDelay(true);
    this.#socket.on('data', bytes => this.#read(bytes as Buffer));
    this.#socket.on('error', () => {});
    this.#socket.write(greeting());
    this.opened = new Promise((resolve, reject) => {
      this.#socket.once('data', () => resolve());
      this.#socket.once('close', () => reject(new Error(`${options.address} ended the connection`)));
    });
    this.opened.catch(() => {});
  }

  send(asked: readonly Body[]): void {
    const out: Buffer[] = [];
    for (const body of asked) {
      const made = this.#requestOf(body);
      if (this.#mayAsk(made)) out.push(this.#asked(made));
      else this.#options.tally.heldBack += 1;
    }
    if (out.length > 0) this.#socket.write(Buffer.concat(out));
  }

  close(): void {
    this.#socket.destroy();
  }

  #mayAsk({ dataBytes }: Request): boolean {
    const waits = this.#socket.writableLength > WAITING_BYTES_MAX;
    return (
      !this.#socket.destroyed && !waits && this.#underWay < this.#underWayMax && this.#window >= dataBytes
    );
  }

  #asked({ bytes, streamAt, dataBytes }: Request): Buffer {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    const slot = (stream >> 1) % RING;
    this.#sentAt[slot] = performance.now();
    this.#gotMessage[slot] = 0;
    this.#window -= dataBytes;
    this.#underWay += 1;
    this.#options.tally.sent += 1;
    const own = Buffer.from(bytes);
    for (const at of streamAt) own.writeUInt32BE(stream, at);
    return own;
  }

  #requestOf(body: Body): Request {
    const known = this.#requests.get(body);
    if (known !== undefined) return known;
    const made = request({ path: `/shoal.v1.KV/${body.read ? 'Get' : 'Put'}`, message: body.bytes });
    this.#requests.set(body, made);
    return made;
  }

  #read(bytes: Buffer): void {
    const { frames, rest } = framesIn(this.#rest === undefined ? bytes : Buffer.concat([this.#rest, bytes]));
    this.#rest = rest.length === 0 ? undefined : rest;
    let ended = 0;
    for (const frame of frames) ended += this.#take(frame);
    if (ended > 0) this.#options.onAnswers(ended);
  }

  /** @returns how many calls have ended with it */
  #take(frame: Frame): number {
    const { type, ends, stream, payload } = frame;
    if (stream === 0) {
      if (type === FRAME.windowUpdate) this.#window += payload.readUInt32BE(0);
      if (type === FRAME.settings) this.#underWayMax = streamsMaxIn(frame) ?? this.#underWayMax;
      if ((type === FRAME.settings || type === FRAME.ping) && !ends) this.#socket.write(acknowledged(frame));
      return 0;
    }
    const slot = (stream >> 1) % RING;
    if (type === FRAME.data && payload.length > 0) this.#gotMessage[slot] = 1;
    const over = type === FRAME.reset || (ends && (type === FRAME.data || type === FRAME.headers));
    if (over) this.#ended(slot, type);
    return over ? 1 : 0;
  }

  #ended(slot: number, type: number): void {
    const { tally } = this.#options;
    this.#underWay -= 1;
    if (this.#gotMessage[slot] === 1) tally.accepted(this.#sentAt[slot]!);
    else tally.refused(type === FRAME.reset ? 'reset' : 'refused');
  }
}

/**
 * The names of things, branded so that the compiler keeps them apart. Nothing here decides anything.
 *
 * Ids that are compared, sorted and used as map keys on every request are strings; those made of raw bytes
 * (incarnation, actor, write id) are `latin1` strings, one character a byte, so that `<` orders them as
 * bytes.
 */
import { Buffer } from 'node:buffer';

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** The name the operator gave a node (`--name`). */
export type NodeName = Branded<string, 'NodeName'>;
/**
 * 8 random bytes (latin1) that a node draws whenever it cannot prove that it remembers all its dots (DESIGN
 * §4).
 */
export type Incarnation = Branded<string, 'Incarnation'>;
/** Incarnation and birth, 16 bytes (latin1): who minted a dot (DESIGN §4, *Dots*). */
export type Actor = Branded<string, 'Actor'>;
/** 16 bytes (latin1) that name one client write; a retry bears the same one. */
export type WriteId = Branded<string, 'WriteId'>;
/** 16 hex digits: the hash of the founding set. */
export type ClusterId = Branded<string, 'ClusterId'>;
/** Random 32 hex digits drawn by each process start: tells two live processes under one name apart. */
export type BootId = Branded<string, 'BootId'>;
/** Index of one of the Q equal slices of the hash space, 0 … Q−1. */
export type Partition = Branded<number, 'Partition'>;
/** Index of one of the S slices of a partition, 0 … S−1. */
export type Segment = Branded<number, 'Segment'>;

export const INCARNATION_BYTES = 8;
export const ACTOR_BYTES = 16;
export const WRITE_ID_BYTES = 16;

export const nodeName = (text: string): NodeName => text as NodeName;
export const clusterId = (hex: string): ClusterId => hex as ClusterId;
export const bootId = (hex: string): BootId => hex as BootId;
export const partition = (index: number): Partition => index as Partition;
export const segment = (index: number): Segment => index as Segment;

/** The incarnation made of these 8 bytes. */
export function incarnation(bytes: Uint8Array): Incarnation {
  return Buffer.from(bytes.buffer, bytes.byteOffset, INCARNATION_BYTES).toString('latin1') as Incarnation;
}

/** The write id made of these 16 bytes. */
export function writeId(bytes: Uint8Array): WriteId {
  return Buffer.from(bytes.buffer, bytes.byteOffset, WRITE_ID_BYTES).toString('latin1') as WriteId;
}

/** A write id for people: 32 hex digits. */
export function printWriteId(id: WriteId): string {
  return Buffer.from(id, 'latin1').toString('hex');
}

/** An incarnation for people: 16 hex digits. */
export function printIncarnation(id: Incarnation): string {
  return Buffer.from(id, 'latin1').toString('hex');
}

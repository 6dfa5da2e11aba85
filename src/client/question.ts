/**
 * What a call asks, the same in each of its attempts: so it is written down once, and a repeated write bears
 * the same id.
 */
import type { Messages } from '../wire/messages.ts';

export interface Question {
  /** `/package.Service/Method` */
  readonly path: string;
  /** Of the method on a pipeline; undefined when it is not carried there. */
  readonly number: number | undefined;
  readonly body: Uint8Array;
  /** A put or a delete: it may have been applied though its answer is missing. */
  readonly write: boolean;
  readonly messages: Messages;
}

/**
 * Whether a failed call provably never left this process, so that a write may be tried elsewhere as if it had
 * never been tried.
 *
 * gRPC has no field for it: UNAVAILABLE is both "nobody listens there" and "the connection was cut while it
 * ran". The words of grpc-js tell them apart, and only its own words count: each pattern is matched from the
 * start of the message. In doubt it left. test/rpc/never-left.test.ts holds the words against the grpc-js in
 * use.
 */
const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;
const INTERNAL = 13;
const UNAVAILABLE = 14;

const WORDS: readonly { readonly code: number; readonly pattern: RegExp }[] = [
  // No connection was up, or the name has no address: nothing was written.
  { code: UNAVAILABLE, pattern: /^No connection established/ },
  { code: UNAVAILABLE, pattern: /^Name resolution failed for target/ },
  { code: UNAVAILABLE, pattern: /^Channel closed before call started$/ },
  // HTTP/2 REFUSED_STREAM: by its definition (RFC 9113 §8.7) the server has not begun on it.
  { code: UNAVAILABLE, pattern: /^Stream refused by server/ },
  // The deadline passed while the call still waited for a connection.
  { code: DEADLINE_EXCEEDED, pattern: /^Deadline exceeded after [^,]*,(.*,)?Waiting for LB pick$/ },
  { code: DEADLINE_EXCEEDED, pattern: /^Deadline exceeded after [^,]*,waiting for name resolution$/ },
  // The message could not be encoded, or is larger than this side may send.
  { code: INTERNAL, pattern: /^Request message serialization failure/ },
  { code: RESOURCE_EXHAUSTED, pattern: /^Attempted to send message with a size larger than/ },
];

export function neverLeft({ code, message }: { readonly code: number; readonly message: string }): boolean {
  return WORDS.some(words => words.code === code && words.pattern.test(message));
}

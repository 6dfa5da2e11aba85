/**
 * Refuses compressed messages before any of one is read. A message is unpacked before its handler runs, so no
 * gate counts what it becomes: 400 puts of 16 kB, each 16 MiB of zeros, cost a node 6 GB. No client of ours
 * compresses, and values are small.
 */
import {
  Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';

export const uncompressedOnly: ServerInterceptor = (_, call) =>
  new ServerInterceptingCall(call, {
    start: next =>
      next({
        onReceiveMetadata: (metadata, pass) => {
          const encoding = encodingOf(call);
          if (encoding === 'identity') pass(metadata);
          else call.sendStatus(refusal(encoding));
        },
      }),
  });

/**
 * grpc-js takes the header out of the metadata before an interceptor sees it, and keeps it in a field that
 * its types call private.
 */
function encodingOf(call: ServerInterceptingCallInterface): string {
  const { incomingEncoding } = call as { readonly incomingEncoding?: string };
  return incomingEncoding ?? 'identity';
}

/** UNIMPLEMENTED, with what is taken instead, is what gRPC's compression spec asks for. */
function refusal(encoding: string) {
  const metadata = new Metadata();
  metadata.set('grpc-accept-encoding', 'identity');
  const details = `messages compressed with ${encoding.slice(0, 20)} are not taken: send them uncompressed`;
  return { code: status.UNIMPLEMENTED, details, metadata };
}

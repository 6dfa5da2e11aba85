/**
 * A process that echoes: sends its port to its parent, and ends with it. It does nothing but what grpc-js
 * needs.
 */
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { echoOf, type Frame, METHODS, type Put, type PutReply, type ReplyFrame } from './messages.ts';

process.once('disconnect', () => process.exit());

const server = new Server();
server.addService(METHODS, {
  unary: (call: ServerUnaryCall<Put, PutReply>, done: sendUnaryData<PutReply>) =>
    done(null, echoOf(call.request)),
  stream: (call: ServerDuplexStream<Put, PutReply>) => echo(call, echoOf),
  gathered: (call: ServerDuplexStream<Frame, ReplyFrame>) => echo(call, echoOfAll),
  lean: (call: ServerDuplexStream<Frame, ReplyFrame>) => echo(call, echoOfAll),
});
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.send?.({ port });
});

function echo<Request, Reply>(call: ServerDuplexStream<Request, Reply>, reply: (of: Request) => Reply): void {
  call.on('data', (request: Request) => void call.write(reply(request)));
  call.on('end', () => call.end());
  call.on('error', () => {}); // the client went
}

function echoOfAll({ ops }: Frame): ReplyFrame {
  return { results: ops.map(({ id, put }) => ({ id, put: echoOf(put) })) };
}

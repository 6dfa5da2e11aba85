/**
 * A port on which a process listens: the services behind it for unary calls, and who takes its streams. When
 * the process ends, calls that it has not answered yet break off; streams look after themselves
 * (stream-end.ts).
 */
import type { MethodDefinition } from '@grpc/proto-loader';
import type { Methods } from '../../../src/rpc/service.ts';
import type { Door, Method } from '../../../src/rpc/serving.ts';
import type { Protos } from '../../../src/wire/protos.ts';
import type { Process } from '../time/process.ts';
import type { Accept } from './connection.ts';
import { type Answer, IncomingCall, type Request, type UnaryCarriage } from './incoming-call.ts';
import { type Watch, watchedMethod } from './served-call.ts';
import { dropped, unimplemented } from './statuses.ts';

export interface Services<Definition> {
  readonly definition: Definition;
  readonly methods: Methods<Definition>;
  readonly door: Door;
  readonly protos: Protos;
}

export class Listener {
  readonly process: Process;
  /** Takes a stream. */
  accept: Accept = () => undefined;
  readonly #watch: Watch;
  readonly #carriages = new Map<string, UnaryCarriage>();
  readonly #unanswered = new Set<IncomingCall>();

  constructor(watch: Watch) {
    this.#watch = watch;
    this.process = watch.process;
    this.process.onEnd(() => {
      for (const call of [...this.#unanswered]) call.answer({ failed: dropped() });
    });
  }

  add<Definition extends object>({ definition, methods, door, protos }: Services<Definition>): void {
    for (const [name, method] of Object.entries<Method<unknown, unknown>>(methods)) {
      const { path, requestDeserialize, responseSerialize } = definitionOf(definition, name);
      const watched = watchedMethod(method, this.#watch);
      this.#carriages.set(path, { method: watched, door, protos, requestDeserialize, responseSerialize });
    }
  }

  /** The kernel has it; the process reads it when it can. Undefined: answered at once. */
  take(request: Request, answer: (answer: Answer) => void): IncomingCall | undefined {
    const carriage = this.#carriages.get(request.path);
    if (carriage === undefined) {
      this.process.deliver(() => answer({ failed: unimplemented(request.path) }));
      return undefined;
    }
    return this.#open(carriage, request, answer);
  }

  #open(carriage: UnaryCarriage, request: Request, answer: (answer: Answer) => void): IncomingCall {
    const call: IncomingCall = new IncomingCall({
      process: this.process,
      carriage,
      request,
      answer: given => {
        this.#unanswered.delete(call);
        answer(given);
      },
    });
    this.#unanswered.add(call);
    this.process.deliver(() => call.run());
    return call;
  }
}

function definitionOf(definition: object, name: string): MethodDefinition<object, unknown> {
  return (definition as Record<string, MethodDefinition<object, unknown>>)[name]!;
}

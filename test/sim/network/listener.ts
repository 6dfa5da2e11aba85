/**
 * A port on which a process listens, with the services behind it. When the process ends, what it has not
 * answered yet breaks off.
 */
import type { MethodDefinition } from '@grpc/proto-loader';
import type { Methods } from '../../../src/rpc/service.ts';
import type { Door, Method } from '../../../src/rpc/serving.ts';
import type { Process } from '../time/process.ts';
import { type Answer, type Carriage, IncomingCall, type Request, type ServedCall } from './incoming-call.ts';
import { dropped, unimplemented } from './statuses.ts';

export interface Services<Definition> {
  readonly definition: Definition;
  readonly methods: Methods<Definition>;
  readonly door: Door;
}

export interface ListenerOptions {
  readonly process: Process;
  readonly onServed: (served: ServedCall) => void;
}

export class Listener {
  readonly process: Process;
  readonly #onServed: (served: ServedCall) => void;
  readonly #carriages = new Map<string, Carriage>();
  readonly #unanswered = new Set<IncomingCall>();

  constructor({ process, onServed }: ListenerOptions) {
    this.process = process;
    this.#onServed = onServed;
    process.onEnd(() => {
      for (const call of [...this.#unanswered]) call.answer({ failed: dropped() });
    });
  }

  add<Definition extends object>({ definition, methods, door }: Services<Definition>): void {
    for (const [name, method] of Object.entries<Method<unknown, unknown>>(methods)) {
      const { path, requestDeserialize, responseSerialize } = definitionOf(definition, name);
      this.#carriages.set(path, { method, door, requestDeserialize, responseSerialize });
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

  #open(carriage: Carriage, request: Request, answer: (answer: Answer) => void): IncomingCall {
    const call: IncomingCall = new IncomingCall({
      process: this.process,
      carriage,
      request,
      onServed: this.#onServed,
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

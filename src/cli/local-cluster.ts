/**
 * The life of a local cluster: start the nodes, tell how to talk to them once all serve, pass on what they say, stop them.
 * It keeps nobody alive: a node that dies is reported, with the line that starts it again, because to see a cluster go on without
 * one of its nodes is what people come for.
 */
import { basename, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT, type ExitCode } from './exit.ts';
import { firstUsed } from './free-ports.ts';
import type { Io } from './io.ts';
import {
  describeEnding,
  type NodeProcess,
  type NodeSpec,
  nodeArguments,
  type OnLine,
  startNode,
} from './node-process.ts';

export interface Surroundings {
  /** Where the nodes keep their data. */
  readonly folder: string;
  readonly temporary: boolean;
  readonly io: Io;
}

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
/** A node that takes longer to drain (one that was stopped by SIGSTOP takes for ever) is killed. */
const STOP_MS_MAX = 15_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves with the exit code once every node has ended. */
export async function runLocalCluster(specs: readonly NodeSpec[], around: Surroundings): Promise<ExitCode> {
  const { io } = around;
  const used = await firstUsed(specs.flatMap(({ listen, peerListen }) => [listen, peerListen]));
  if (used !== undefined) {
    io.err(`shoal: ${used} is in use: stop what listens there, or choose other ports with --base-port`);
    return EXIT.error;
  }
  const nodes = specs.map(spec => startNode(MAIN, spec, passOn(spec.name, io)));
  const stop = stopper(nodes);
  specs.forEach((spec, index) => {
    void reportEnding(spec, { node: nodes[index]!, stop, io });
  });
  const served = await Promise.all(nodes.map(node => node.serving));
  const allServed = served.every(line => line !== undefined);
  if (allServed && !stop.asked) io.out(welcome(specs, { nodes, around }));
  await Promise.all(nodes.map(node => node.ended));
  return stop.bySignal ? EXIT.done : EXIT.error;
}

function passOn(name: string, io: Io): OnLine {
  return (line, from) => (from === 'out' ? io.out(`${name} | ${line}\n`) : io.err(`${name} | ${line}`));
}

interface Stop {
  readonly asked: boolean;
  readonly bySignal: boolean;
  now(): void;
}

/** Ends the nodes at the first signal, and at the second one at once. */
function stopper(nodes: readonly NodeProcess[]): Stop {
  let asked = false;
  let bySignal = false;
  const signalAll = (signal: NodeJS.Signals): void => {
    for (const node of nodes) node.signal(signal);
  };
  const now = (): void => {
    signalAll(asked ? 'SIGKILL' : 'SIGTERM');
    asked = true;
    setTimeout(signalAll, STOP_MS_MAX, 'SIGKILL').unref();
  };
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      bySignal = true;
      now();
    });
  }
  return {
    get asked() {
      return asked;
    },
    get bySignal() {
      return bySignal;
    },
    now,
  };
}

interface Reported {
  readonly node: NodeProcess;
  readonly stop: Stop;
  readonly io: Io;
}

/** A node that never served takes the others with it; one that did is missed, and the others go on. */
async function reportEnding(spec: NodeSpec, { node, stop, io }: Reported): Promise<void> {
  const served = await node.serving;
  const how = describeEnding(await node.ended);
  if (stop.asked) return;
  if (served === undefined) {
    io.err(`${spec.name} did not start (${how}); its reason stands above. Stopping the others.`);
    stop.now();
  } else {
    io.err(`${spec.name} ended (${how}); the others go on. To start it again:`);
    io.err(`  ${invocation()} ${nodeArguments(spec).join(' ')}`);
  }
}

function welcome(
  specs: readonly NodeSpec[],
  { nodes, around }: { nodes: readonly NodeProcess[]; around: Surroundings },
): string {
  const first = specs[0]!.listen;
  const last = specs.at(-1)!.listen;
  const request = `'{"bucket": "fruits", "key": "apple"}'`;
  const data = around.temporary ? `${around.folder}, removed at the end` : around.folder;
  return `
${specs.length === 1 ? 'One node serves' : `All ${specs.length} nodes serve`}:
${specs.map(({ name, listen }, index) => `  ${name.padEnd(4)} ${listen.padEnd(16)} pid ${nodes[index]!.pid}`).join('\n')}

In another terminal, write through one node and read through another:
  ${invocation()} put fruits apple red --addr ${first}
  ${invocation()} get fruits apple --addr ${last}

Any gRPC client will do:
  grpcurl -plaintext -d ${request} ${last} shoal.v1.KV/Get
  npx buf curl --protocol grpc -d ${request} http://${last}/shoal.v1.KV/Get

Data: ${data}. Ctrl-C stops all nodes.
`;
}

/** How this command was called, for lines to be pasted. */
function invocation(): string {
  const script = process.argv[1] ?? MAIN;
  return basename(script) === 'shoal' ? 'shoal' : `node ${relative(process.cwd(), script)}`;
}

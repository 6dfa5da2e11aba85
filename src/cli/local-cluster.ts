/**
 * The life of a local cluster: start the nodes, tell how to talk to them once all serve, pass on what they
 * say, stop them. It keeps nobody alive: a node that dies is reported, with the line that starts it again,
 * because to see a cluster go on without one of its nodes is what people come for.
 */
import { fileURLToPath } from 'node:url';
import { clusterPage, startLine } from './cluster-page.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { firstUsed } from './free-ports.ts';
import type { Io } from './io.ts';
import { describeEnding, type NodeProcess, type NodeSpec, type OnLine, startNode } from './node-process.ts';
import { StopAll } from './stop-all.ts';

export interface Surroundings {
  /** Where the nodes keep their data. */
  readonly folder: string;
  readonly temporary: boolean;
  readonly io: Io;
}

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

/** Resolves with the exit code once every node has ended. */
export async function runLocalCluster(specs: readonly NodeSpec[], around: Surroundings): Promise<ExitCode> {
  const { io } = around;
  const used = await firstUsed(specs.flatMap(({ listen, peerListen }) => [listen, peerListen]));
  if (used !== undefined) {
    io.err(`shoal: ${used} is in use: stop what listens there, or choose other ports with --base-port`);
    return EXIT.error;
  }
  const nodes = specs.map(spec => startNode(MAIN, spec, passOn(spec.name, io)));
  const stop = new StopAll(nodes);
  const endings = nodes.map((node, index) => reportEnding(node, { spec: specs[index]!, stop, io }));
  const served = await Promise.all(nodes.map(node => node.serving));
  const allServe = served.every(line => line !== undefined);
  if (allServe && !stop.asked) io.out(clusterPage({ specs, nodes, ...around }));
  await Promise.all(endings);
  return stop.bySignal ? EXIT.done : EXIT.error;
}

function passOn(name: string, io: Io): OnLine {
  return (line, from) => (from === 'out' ? io.out(`${name} | ${line}\n`) : io.err(`${name} | ${line}`));
}

interface Reported {
  readonly spec: NodeSpec;
  readonly stop: StopAll;
  readonly io: Io;
}

/** A node that never served takes the others with it; one that did is missed, and the others go on. */
async function reportEnding(node: NodeProcess, { spec, stop, io }: Reported): Promise<void> {
  const how = describeEnding(await node.ended);
  if (stop.asked) return;
  if ((await node.serving) === undefined) {
    io.err(`shoal: ${node.name} did not start (${how}), for the reason above; the others are stopped`);
    stop.now();
  } else {
    io.err(`${node.name} ended (${how}); the others go on. To start it again:\n  ${startLine(spec)}`);
  }
}

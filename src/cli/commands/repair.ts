/** `shoal repair`. */
import { type Command, Option } from 'commander';
import { type ClusterStatus, ShoalError } from '../../client/index.ts';
import { SYSTEM } from '../../client/surroundings.ts';
import { type AskFlags, addAskFlags, givenAddresses } from '../data-flags.ts';
import { CommandFailed, EXIT, explain } from '../exit.ts';
import { type Io, PROCESS } from '../io.ts';
import { indented, protoJson, protoObject } from '../proto-json.ts';
import type { RepairCourse } from '../repair/course.ts';
import { type Display, displayOn } from '../repair/display.ts';
import { onInterruption } from '../repair/interruption.ts';
import { type Asking, askForRepair, type OneNode } from '../repair/one-node.ts';
import { agreedSentence, askedSentence, interruptedSentence, noAnswerSentence } from '../repair/sentences.ts';
import { RepairFailed, untilAgreed } from '../repair/waiting.ts';
import { statusResponse } from '../responses.ts';
import { timeSpan } from '../time-span.ts';

interface RepairFlags extends AskFlags {
  readonly wait?: true;
  /** Milliseconds. */
  readonly timeout?: number;
}

const EXAMPLES = `
Nodes compare what they hold every ten seconds or so anyway, and mend what differs; this has one node do so now, with every
other that owns a partition it owns, too. It is asked of the first of --addr that answers,
within --deadline.

With --wait it shows how far that is, and ends when this node and its peers agree. It waits for peers that are down, until
Ctrl-C or --timeout, which counts from the start; neither ends the repair itself. A node that recovers (shoal status) is
filled first, and what that brings counts.

It is about the node that is asked and each of the others, not about two others. For a whole cluster: one call for each node.

With -o json it is the response as grpcurl prints it; with --wait what the status of the node says of its repair then, and of
its recovering partitions.

Exit codes: 1 when they do not agree within --timeout.

Examples:
  shoal repair
  shoal repair --wait
  shoal repair --wait --timeout 5m --addr 127.0.0.1:7410`;

export function repairCommand(program: Command, io: Io = PROCESS): void {
  const command = program
    .command('repair')
    .summary('have a node and its peers agree now')
    .description('Has a node compare what it holds with all other owners now, and mend what differs.')
    .addOption(new Option('--wait', 'until they agree; shows how far it is'))
    .addOption(
      new Option('--timeout <time>', 'wait no longer than this: 500ms, 30s, 5m, 2h').argParser(timeSpan),
    );
  addAskFlags(command)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: RepairFlags) => {
      const { addr, deadline, timeout = deadline, wait } = flags;
      if (flags.timeout !== undefined && !wait) command.error("option '--timeout' needs '--wait'");
      const began = SYSTEM.now();
      const asking = { addresses: addr, timeoutMs: Math.min(deadline, timeout) };
      const node = await askForRepair(asking).catch(error => {
        throw unasked(error, asking, givenAddresses(command));
      });
      try {
        await (wait ? waitFor({ at: node, flags, began }, io) : told(node, flags, io));
      } finally {
        node.close();
      }
    });
}

async function told(at: OneNode, { deadline, output }: RepairFlags, io: Io): Promise<void> {
  const { node, asked } = at;
  if (output === 'json') io.out(`${protoJson('Cluster/Repair', { node, asked })}\n`);
  else io.out(`${askedSentence(at, (await at.status(deadline)).repair.with)}\n`);
}

/** Nothing is read or written: what errors say of that, that nothing was applied, would be no help here. */
function unasked(error: unknown, asking: Asking, addr: string | undefined): unknown {
  if (!(error instanceof ShoalError)) return error;
  const { reason, detail } = error;
  const message = `${reason}: ${detail}`;
  const words = reason === 'EXPIRED' ? noAnswerSentence(asking) : explain({ reason, message }, addr);
  return new CommandFailed(EXIT.error, `shoal: ${words}`);
}

interface Waiting {
  readonly at: OneNode;
  readonly flags: RepairFlags;
  /** When the command was given. */
  readonly began: number;
}

async function waitFor(waiting: Waiting, io: Io): Promise<void> {
  const { at, flags } = waiting;
  const display = displayOn(io);
  const forget = onInterruption(() => {
    display.clear();
    io.err(interruptedSentence(at));
  });
  try {
    const course = await waited(waiting, display);
    io.out(flags.output === 'json' ? repairJson(course.status!) : `${agreedSentence(at, course)}\n`);
  } catch (error) {
    const status = error instanceof RepairFailed ? error.course?.status : undefined;
    if (flags.output === 'json' && status !== undefined) io.out(repairJson(status));
    throw error;
  } finally {
    forget();
  }
}

async function waited({ at, flags, began }: Waiting, display: Display): Promise<RepairCourse> {
  try {
    return await untilAgreed({
      at,
      asked: at.asked,
      began,
      timeoutMs: flags.timeout,
      silenceMs: flags.deadline,
      status: at.status,
      peers: at.peers,
      now: SYSTEM.now,
      sleep: ms => SYSTEM.sleep(ms, undefined),
      show: display.show,
    });
  } finally {
    display.clear();
  }
}

function repairJson(status: ClusterStatus): string {
  const json: StatusJson = protoObject('Cluster/Status', statusResponse(status));
  const { repair, recoveringPartitions, refill } = json;
  return `${indented({ ...repair, recoveringPartitions, refill })}\n`;
}

/** What is 0 is left out, as everywhere. */
interface StatusJson {
  readonly repair?: object;
  readonly recoveringPartitions?: number;
  readonly refill?: object;
}

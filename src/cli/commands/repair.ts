/** `shoal repair`. */
import { type Command, Option } from 'commander';
import type { ClusterStatus } from '../../client/index.ts';
import { SYSTEM } from '../../client/surroundings.ts';
import { type AskFlags, addAskFlags } from '../data-flags.ts';
import { type Io, PROCESS } from '../io.ts';
import { indented, protoJson, protoObject } from '../proto-json.ts';
import type { RepairCourse } from '../repair/course.ts';
import { type Display, displayOn } from '../repair/display.ts';
import { askForRepair, type OneNode } from '../repair/one-node.ts';
import { agreedSentence, askedSentence } from '../repair/sentences.ts';
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
Ctrl-C or --timeout; neither ends the repair itself.

With -o json it is the response as grpcurl prints it; with --wait what the status of the node says of its repair then.

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
      if (flags.timeout !== undefined && !flags.wait) command.error("option '--timeout' needs '--wait'");
      const node = await askForRepair(flags);
      try {
        await (flags.wait ? waitFor(node, flags, io) : told(node, flags, io));
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

async function waitFor(at: OneNode, flags: RepairFlags, io: Io): Promise<void> {
  const display = displayOn(io);
  try {
    const course = await waited(at, flags, display);
    io.out(flags.output === 'json' ? repairJson(course.status!) : `${agreedSentence(at, course)}\n`);
  } catch (error) {
    const status = error instanceof RepairFailed ? error.course?.status : undefined;
    if (flags.output === 'json' && status !== undefined) io.out(repairJson(status));
    throw error;
  }
}

async function waited(at: OneNode, flags: RepairFlags, display: Display): Promise<RepairCourse> {
  try {
    return await untilAgreed({
      at,
      asked: at.asked,
      timeoutMs: flags.timeout,
      silenceMs: flags.deadline,
      status: at.status,
      now: SYSTEM.now,
      sleep: ms => SYSTEM.sleep(ms, undefined),
      show: display.show,
    });
  } finally {
    display.clear();
  }
}

function repairJson(status: ClusterStatus): string {
  const { repair = {} } = protoObject('Cluster/Status', statusResponse(status)) as { repair?: object };
  return `${indented(repair)}\n`;
}

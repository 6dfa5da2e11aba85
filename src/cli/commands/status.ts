/** `shoal status`. */
import { type Command, Option } from 'commander';
import { type Client, type ClusterStatus, ShoalError } from '../../client/index.ts';
import { type AskFlags, addAskFlags, withClient } from '../data-flags.ts';
import { CommandFailed, EXIT, oneLine } from '../exit.ts';
import { type Io, PROCESS } from '../io.ts';
import { indented, protoJson, protoObject } from '../proto-json.ts';
import { statusResponse } from '../responses.ts';
import { statusPage } from '../status/page.ts';
import { type Survey, surveyFrom } from '../status/survey.ts';

interface StatusFlags extends AskFlags {
  readonly all?: boolean;
}

/** Of a node that hangs nothing is learnt by waiting, and an operator waits who wants to know which it is. */
const DEADLINE_MS = 2_000;

const EXAMPLES = `
It asks one node of --addr that answers, then every member that this one names, each for
at most 0.5 s, and shows how they see each other. Capitals say what is wrong:
  DOWN, SUSPECT     it does not answer the others; SUSPECT: not for long, it may still answer
  UNREACHED         others hear it, but the node that says so cannot ask it just now
  up; DOWN for n2   the others hear it, n2 does not: a broken link rather than a dead node
  RECOVERING        it may have lost something (its disk, what it wrote last), and merges with
                    every other owner of its partitions. That ends by itself once all are up:
                    start those that are down, and take down no other node before
  STORAGE FAULTED   its disk failed, and it takes nothing in: restart it on a sound one
  silent            a member that did not answer this command itself, and why
  hints             writes that a node has missed, and who keeps them: it gets them when it is back
  foreign           records kept by stand-ins until the nodes they belong to have them
  repair            nodes that have not agreed on what they hold for a minute, how far they are, and
                    what keeps them from it

With -o json it is the response of the one node, as grpcurl prints it, with what it has
counted and how busy it is just now (ARCHITECTURE.md says what each name means). With --all
it is those of all members, by name, null for one that does not answer.

Examples:
  shoal status
  shoal status --addr 127.0.0.1:7400,127.0.0.1:7410
  shoal status -o json --all`;

export function statusCommand(program: Command, io: Io = PROCESS): void {
  const command = program
    .command('status')
    .summary('who is up, and what the nodes are doing')
    .description(
      'Shows the members of a cluster as they see each other, what is wrong, and what is still awaited.',
    );
  addAskFlags(command, DEADLINE_MS)
    .addOption(new Option('--all', 'with -o json: the responses of all members, by name'))
    .addHelpText('after', EXAMPLES)
    .action(async (flags: StatusFlags) => io.out(await statusText(flags)));
}

async function statusText(flags: StatusFlags): Promise<string> {
  const began = performance.now();
  const asked = await withClient(flags, ask);
  if (flags.output === 'json' && !flags.all) return `${protoJson('Cluster/Status', statusResponse(asked))}\n`;
  const survey = await surveyFrom(asked, flags.deadline - (performance.now() - began));
  return flags.output === 'json' ? `${indented(byName(survey))}\n` : statusPage(survey);
}

/** The usual advice would be to ask for the status. */
async function ask(client: Client): Promise<ClusterStatus> {
  try {
    return await client.status();
  } catch (error) {
    if (!(error instanceof ShoalError) || error.reason !== 'EXPIRED') throw error;
    const line = `shoal: ${oneLine(error.message)}; it hangs, or has too much to do: ask another node with --addr`;
    throw new CommandFailed(EXIT.error, line);
  }
}

function byName({ answers, silent }: Survey): object {
  const said = answers.map(answer => [answer.node, json(answer)] as const);
  return Object.fromEntries([...said, ...silent.map(({ name }) => [name, null] as const)].sort());
}

function json(status: ClusterStatus): object {
  return protoObject('Cluster/Status', statusResponse(status));
}

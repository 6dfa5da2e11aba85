/** Workers that are lost: what is said of them, and who takes their place. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { Steady } from './crew.ts';
import type { Order } from './trial.ts';
import { type Answer, WorkerProcess } from './worker-process.ts';

const ORDER: Order = { seed: 1, twice: false, explain: false };
const HELD = { kind: 'held' } as unknown as Answer;

const started: ChildProcess[] = [];
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
  }
});

/** A process that does this. */
function child(script: string): ChildProcess {
  const made = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  started.push(made);
  return made;
}

describe('a worker', () => {
  test('that ends instead of answering has crashed, and tells how', async () => {
    const worker = new WorkerProcess(child("process.on('message', () => process.exit(7))"));
    expect(await worker.run(ORDER)).toEqual({
      kind: 'crashed',
      text: 'its process ended with status 7',
    });
  });

  test('that is dead answers every order with that, and nothing is thrown', async () => {
    const dead = child('');
    await once(dead, 'exit');
    const worker = new WorkerProcess(dead);
    expect(await worker.run(ORDER)).toMatchObject({ kind: 'crashed' });
    expect(await worker.run(ORDER)).toMatchObject({ kind: 'crashed' });
  });

  test('that never answers is hung, not crashed, and is ended', async () => {
    const silent = child("process.on('message', () => {})");
    const exit = once(silent, 'exit');
    expect(await new WorkerProcess(silent, { answerMsMax: 1 }).run(ORDER)).toMatchObject({ kind: 'hung' });
    expect(await exit).toEqual([null, 'SIGKILL']);
  });

  test('that finds a failure says so before its answer', async () => {
    const says = "process.send({ kind: 'broken', invariant: 'I4' }); process.send({ kind: 'held' })";
    const worker = new WorkerProcess(child(`process.on('message', () => { ${says} })`));
    const broken: string[] = [];
    expect(await worker.run(ORDER, invariant => broken.push(invariant))).toMatchObject({ kind: 'held' });
    expect(broken).toEqual(['I4']);
  });

  test('whose mutant does not fit tells why', async () => {
    const unfit = child("process.send({ kind: 'unfit', text: 'a.ts holds this 0 times' })");
    await expect(new WorkerProcess(unfit).ready()).rejects.toThrow('a.ts holds this 0 times');
  });

  test('that ends before it is ready could not begin', async () => {
    await expect(new WorkerProcess(child('process.exit(3)')).ready()).rejects.toThrow(
      'a worker could not begin: its process ended with status 3',
    );
  });
});

describe('a steady worker', () => {
  function steady(answers: readonly Answer[]) {
    const left = [...answers];
    const made = { started: 0, ended: 0 };
    const worker = {
      run: async () => left.shift()!,
      end: () => {
        made.ended += 1;
      },
    };
    const start = async () => {
      made.started += 1;
      return worker;
    };
    return { steady: new Steady(start), made };
  }

  test('is one process, as long as that lives', async () => {
    const { steady: worker, made } = steady([HELD, HELD]);
    await worker.run(ORDER);
    await worker.run(ORDER);
    expect(made).toEqual({ started: 1, ended: 0 });
  });

  test.each(['crashed', 'hung'] as const)('is another process after one that %s', async kind => {
    const { steady: worker, made } = steady([{ kind, text: '' }, HELD]);
    expect(await worker.run(ORDER)).toMatchObject({ kind });
    expect(await worker.run(ORDER)).toBe(HELD);
    expect(made).toEqual({ started: 2, ended: 1 });
  });
});

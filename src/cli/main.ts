#!/usr/bin/env node
/** The `shoal` command. */
import { EXIT, oneLine } from './exit.ts';
import { run } from './run.ts';

let complained = false;

// EPIPE: whoever reads has had enough (`shoal get … | head`), no reason to complain. Else a disk is full,
// say: once is enough.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE' || complained) return;
  complained = true;
  process.exitCode = EXIT.error;
  process.stderr.write(`shoal: cannot write to stdout: ${oneLine(error.message)}\n`);
});

const exitCode = await run(process.argv.slice(2));
// Commands that go on may have set a code of their own.
if (exitCode !== 0) process.exitCode = exitCode;

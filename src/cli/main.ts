#!/usr/bin/env node
/** The `shoal` command. */
import { run } from './run.ts';

// Whoever reads has had enough (`shoal get … | head`): no reason to complain.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
});

const exitCode = await run(process.argv.slice(2));
// Commands that go on may have set a code of their own.
if (exitCode !== 0) process.exitCode = exitCode;

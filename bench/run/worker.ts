/** The process that asks: takes jobs from its parent one by one, and ends with it. */
import { measureEcho } from '../echo/measure-echo.ts';
import { measureLevel } from '../level/measure-level.ts';
import { measureLoad } from '../shoal/measure-load.ts';
import type { Answer, Job } from './jobs.ts';
import type { Measured } from './measured.ts';

process.once('disconnect', () => process.exit());
process.on('message', (job: Job) => void answer(job));

async function answer(job: Job): Promise<void> {
  const told: Answer = await run(job).then(
    measured => ({ measured }),
    (error: unknown) => ({
      failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
  process.send?.(told);
}

function run(job: Job): Promise<Measured> {
  if (job.kind === 'echo') return measureEcho(job);
  return job.kind === 'level' ? measureLevel(job) : measureLoad(job);
}

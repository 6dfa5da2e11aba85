/**
 * The built `shoal` command, whose CPU profile can be taken while it serves: a first SIGUSR2 begins one, a
 * second writes it beside the data folder. Until then nothing is different from `shoal node`.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { profilePath } from './profile-path.ts';

const session = new Session();
const path = profilePath(process.argv[process.argv.indexOf('--data') + 1]!);
let under = false;

process.on('SIGUSR2', () => {
  if (under) write();
  else begin();
  under = !under;
});

// Built at the same time as this, and what users run.
const main = new URL('../../../../dist/cli/main.js', import.meta.url);
await import(main.href);

function begin(): void {
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.start');
}

/** Whoever waits for the file finds it whole. */
function write(): void {
  session.post('Profiler.stop', (error, { profile }) => {
    if (error) throw error;
    writeFileSync(`${path}.part`, JSON.stringify(profile));
    renameSync(`${path}.part`, path);
  });
  session.disconnect();
}

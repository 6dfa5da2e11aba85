/** For those who wait: how far something is that takes long, now and then, and how fast it goes. */
const EVERY_MS = 5_000;

/** @returns what is to be called with how much is done */
export function progress(what: string, total: number): (done: number) => void {
  const began = performance.now();
  let told = began;
  return done => {
    const now = performance.now();
    if (now - told < EVERY_MS && done < total) return;
    told = now;
    tell(`${what}: ${done} of ${total}, ${((done * 1000) / (now - began)).toFixed(0)} a second`);
  };
}

export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

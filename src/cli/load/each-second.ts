/** Something that is done each second, until it is cancelled. */
import type { Clock, Timer } from '../../ports/clock.ts';

const MS_PER_SECOND = 1_000;

/** @param action is told how many seconds have passed */
export function eachSecond(clock: Clock, action: (seconds: number) => void): Timer {
  const began = clock.now();
  let timer: Timer;
  let seconds = 0;
  const wait = (): void => {
    seconds += 1;
    timer = clock.after(began + seconds * MS_PER_SECOND - clock.now(), () => {
      action(seconds);
      wait();
    });
  };
  wait();
  return { cancel: () => timer.cancel() };
}

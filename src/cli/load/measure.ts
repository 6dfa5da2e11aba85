/** Warm-up and the measured part. */
import { Course } from './course.ts';
import { type CpuReading, processFigures } from './cpu.ts';
import { eachSecond } from './each-second.ts';
import type { Ending, OpenLoop, ProcessFigures } from './figures.ts';
import { Latencies } from './latencies.ts';
import { closedLoop, openLoop } from './loops.ts';
import { type Measured, Measurement } from './measurement.ts';
import { Operations } from './operations.ts';
import type { Scene } from './scene.ts';
import { Schedule } from './schedule.ts';

export interface MeasuredPart extends Measured {
  readonly endedBy: Ending;
  readonly openLoop: OpenLoop | undefined;
  readonly processes: readonly ProcessFigures[];
}

export function measure(scene: Scene): Promise<MeasuredPart> {
  return new Part(scene).run();
}

class Part {
  readonly #scene: Scene;
  readonly #began: number;
  readonly #from: number;
  readonly #measurement: Measurement;
  readonly #course: Course;
  readonly #operations: Operations;
  readonly #lateness = new Latencies();
  #notStarted = 0;
  #before: readonly CpuReading[] = [];
  #after: readonly CpuReading[] | undefined;

  constructor(scene: Scene) {
    const { options, target, around, draw, writes } = scene;
    const { clock, stop } = around;
    this.#scene = scene;
    this.#began = clock.now();
    this.#from = this.#began + options.warmUpMs;
    const stretch = { from: this.#from, until: this.#from + options.measuredMs };
    this.#measurement = new Measurement(stretch);
    this.#course = new Course({ ...stretch, operations: options.operations, stop });
    const parts = { target, clock, draw, writes, blind: options.blind };
    this.#operations = new Operations(parts, this.#measurement);
  }

  async run(): Promise<MeasuredPart> {
    const { options, around } = this.#scene;
    const { clock } = around;
    const timers = [
      eachSecond(clock, () => this.#showProgress()),
      clock.after(options.warmUpMs, () => {
        this.#before = around.cpu();
      }),
    ];
    await (options.rate === undefined ? this.#closed() : this.#open(options.rate)).finally(() => {
      for (const timer of timers) timer.cancel();
    });
    return this.#figures();
  }

  #closed(): Promise<void> {
    const { clock } = this.#scene.around;
    return closedLoop(this.#scene.options.inFlight, () => {
      const now = clock.now();
      if (this.#isOver(now)) return undefined;
      this.#course.begins(now);
      return this.#operations.next(now);
    });
  }

  #open(rate: number): Promise<void> {
    const { clock } = this.#scene.around;
    return openLoop({
      clock,
      schedule: new Schedule({ began: this.#began, rate }),
      inFlight: this.#scene.options.inFlight,
      wanted: due => !this.#isOver(due),
      begin: due => {
        this.#course.begins(due);
        if (due >= this.#from) this.#lateness.record(clock.now() - due);
        return this.#operations.next(due);
      },
      givenUp: due => {
        this.#course.begins(due);
        if (due >= this.#from) this.#notStarted += 1;
      },
    });
  }

  /** Once it is, the CPU is read: what is still under way is not to be in it. */
  #isOver(at: number): boolean {
    const over = this.#course.over(at) !== undefined;
    if (over) this.#after ??= this.#scene.around.cpu();
    return over;
  }

  #showProgress(): void {
    const now = this.#scene.around.clock.now();
    const warm = now >= this.#from;
    this.#scene.around.progress({
      phase: warm ? 'measured' : 'warm-up',
      seconds: (now - (warm ? this.#from : this.#began)) / 1_000,
      notStarted: this.#notStarted,
      ...this.#measurement.state(),
    });
  }

  #figures(): MeasuredPart {
    const { options, around } = this.#scene;
    const now = around.clock.now();
    const endedBy = this.#course.over(now) ?? 'time';
    if (endedBy !== 'time') this.#measurement.close(now);
    const readings = { before: this.#before, after: this.#after ?? [] };
    const openLoop = options.rate === undefined ? undefined : this.#openLoop(options.rate);
    return {
      ...this.#measurement.figures(options),
      endedBy,
      openLoop,
      processes: processFigures(readings, this.#measurement.endedWithin),
    };
  }

  #openLoop(rate: number): OpenLoop {
    const lateness = this.#lateness.figures({ distribution: false });
    return { rate, notStarted: this.#notStarted, lateness };
  }
}

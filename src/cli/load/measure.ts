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

const MS_PER_SECOND = 1_000;

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
  #after: readonly CpuReading[] = [];
  #endedBy: Ending | undefined;

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

  #isOver(at: number): boolean {
    const ending = this.#course.over(at);
    if (ending !== undefined && this.#endedBy === undefined) this.#end(ending);
    return ending !== undefined;
  }

  /** What is still under way then is in neither throughput nor CPU; but of so many operations all are. */
  #end(ending: Ending): void {
    this.#endedBy = ending;
    if (ending !== 'operations') this.#readAfter();
    if (ending === 'told to') this.#measurement.close(this.#scene.around.clock.now());
  }

  #readAfter(): void {
    this.#after = this.#scene.around.cpu();
  }

  #showProgress(): void {
    const now = this.#scene.around.clock.now();
    const warm = now - this.#from >= MS_PER_SECOND / 2;
    // What is shown is the second that is over.
    this.#scene.around.progress({
      phase: warm ? 'measured' : 'warm-up',
      seconds: (now - (warm ? this.#from : this.#began)) / MS_PER_SECOND,
      notStarted: this.#notStarted,
      ...this.#measurement.state(),
    });
  }

  #figures(): MeasuredPart {
    const { options, around } = this.#scene;
    if (this.#endedBy === 'operations') {
      this.#measurement.close(around.clock.now());
      this.#readAfter();
    }
    const readings = { before: this.#before, after: this.#after };
    return {
      ...this.#measurement.figures(options),
      endedBy: this.#endedBy ?? 'time',
      openLoop: options.rate === undefined ? undefined : this.#openLoop(options.rate),
      processes: processFigures(readings, this.#measurement.endedWithin),
    };
  }

  #openLoop(rate: number): OpenLoop {
    const lateness = this.#lateness.figures({ distribution: false });
    return { rate, notStarted: this.#notStarted, lateness };
  }
}

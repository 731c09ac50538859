/** @file From stages to batches: which images are visited when, and under which settings. */
import { check } from "../core/errors.js";
import type { Range, Schedule, Stage } from "./schedule.js";

/** The settings of one batch. */
export interface Settings {
  readonly stage: string;
  readonly batch: number;
  readonly provision: number;
  readonly radius: number;
  readonly memory: number;
  readonly poseTemperature: number;
  readonly classTemperature: number;
  readonly balance: number;
  readonly localShare: number;
  readonly alone: boolean;
  readonly learningRate: number | null;
  readonly judgingRadius: number;
  readonly joining: boolean;
  readonly judgingJunk: boolean;
}

/** The settings of a stage when `done` of it, 0..1, has passed. */
export function settingsAt(stage: Stage, done: number): Settings {
  check(done >= 0 && done <= 1, "done", "a fraction", done);
  const linear = ([from, to]: Range): number => from + done * (to - from);
  const geometric = ([from, to]: Range): number => from * (to / from) ** done;
  const { name, passes: _, everyImage: __, ...rest } = stage;
  return {
    ...rest,
    stage: name,
    radius: linear(stage.radius),
    poseTemperature: geometric(stage.poseTemperature),
    classTemperature: geometric(stage.classTemperature),
    balance: linear(stage.balance),
    learningRate: stage.learningRate && geometric(stage.learningRate),
  };
}

/** One batch of a run: images from..to of the pass's order, which holds `of` images, and the passes done before it. */
export interface Batch {
  readonly pass: number;
  readonly from: number;
  readonly to: number;
  readonly of: number;
  readonly settings: Settings;
}

/**
 * All batches of a run over `count` images. No batch spans two passes or two stages; every stage has one. A pass ends
 * where a stage begins that visits more images, or fewer.
 */
export function planBatches({ stages, sample }: Schedule, count: number): readonly Batch[] {
  const batches: Batch[] = [];
  let [pass, from, of] = [0, 0, 0];
  for (const stage of stages) {
    const size = stage.everyImage ? count : Math.min(sample, count);
    if (size !== of && from > 0) [pass, from] = [pass + 1, 0];
    of = size;
    const visits = Math.max(stage.everyImage && count > sample ? size : 1, Math.round(stage.passes * size));
    for (let left = visits; left > 0; ) {
      // What a pass or a stage leaves for its last batch would be little.
      const room = Math.min(left, of - from);
      const to = from + (room < 1.25 * stage.batch ? room : stage.batch);
      batches.push({ pass, from, to, of, settings: settingsAt(stage, 1 - left / visits) });
      left -= to - from;
      [pass, from] = to === of ? [pass + 1, 0] : [pass, to];
    }
  }
  return batches;
}

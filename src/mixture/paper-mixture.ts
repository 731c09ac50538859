/** @file `reconstructMixture` by the published schedule: steps of paper-schedule.ts, one state for each. */
import { shuffledIndices } from "../core/random.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { learnBatch } from "./paper-learning.js";
import { closePaperTools, openPaperTools, resumePaperRun, startPaperRun } from "./paper-run.js";
import { paperSteps } from "./paper-schedule.js";
import { searchPoseTables } from "./paper-search.js";
import { paperState } from "./paper-state.js";
import type { MixtureCheckpoint, MixtureState, PaperMixtureOptions } from "./state.js";

/** One state per step; with `resume` on to the numbers it would have reached. */
export async function* reconstructAsPublished(
  set: PreparedParticles,
  options: PaperMixtureOptions,
  resume?: MixtureCheckpoint,
): AsyncGenerator<MixtureState, void> {
  const run = resume === undefined ? startPaperRun(set, options) : resumePaperRun(set, options, resume);
  const tools = await openPaperTools(run);
  const steps = paperSteps(run.schedule, set.count);
  try {
    for (let step = steps[run.step]; step !== undefined && !options.signal?.aborted; step = steps[run.step]) {
      const start = performance.now();
      if (step.from === 0) run.order.set(shuffledIndices(set.count, run.random));
      if (step.searchTo > 0) await searchPoseTables(run, tools, run.order.slice(step.from, step.searchTo));
      for (let from = step.from; from < step.to; from += step.batch)
        await learnBatch(run, tools, run.order.slice(from, Math.min(step.to, from + step.batch)), step.stage);
      run.step++;
      const rate = (1e3 * (step.to - step.from)) / (performance.now() - start);
      run.imagesPerSecond = run.imagesPerSecond === 0 ? rate : 0.8 * run.imagesPerSecond + 0.2 * rate;
      yield paperState(run, tools, step, steps.length);
    }
  } finally {
    await closePaperTools(tools);
  }
}

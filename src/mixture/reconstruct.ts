/**
 * @file Ab initio reconstruction of a mixture of flexible species: online EM, a map and a neural field per class.
 *
 * For every batch of images: back-project the images last drawn for each class (references.ts); find poses and
 * evidence under every class (pose/); draw one class and one pose per image from the posterior (stochastic EM).
 * Resolution and temperatures follow schedule.ts. When classes and poses have settled, each class's neural field is
 * fitted to its images and learns how they flex (flexing.ts).
 * Methods: Hydra (Levy et al. 2024) for the model; poses by matrix products and sampling instead of the arg-min of
 * network evaluations, closed-form maps instead of gradient steps while poses are unknown, closed-form class
 * posteriors instead of score tables (design 6.2-6.5, methods 8.3).
 */
import { seededRandom, shuffledIndices } from "../core/random.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { planBatches } from "./batch-plan.js";
import { expectation } from "./expectation.js";
import { maximisation } from "./maximisation.js";
import { resumeRun } from "./mixture-checkpoint.js";
import { closeTools, type MixtureRun, openTools, startRun } from "./mixture-run.js";
import { molten } from "./molten-poses.js";
import { reconstructAsPublished } from "./paper-mixture.js";
import { mixtureState } from "./snapshot.js";
import { startStage } from "./stage-start.js";
import type { MixtureCheckpoint, MixtureOptions, MixtureState, PaperMixtureOptions } from "./state.js";

/**
 * Find species, poses, conformations and maps of the images of `set`. One state per batch; stop whenever you like.
 * With `resume`, a checkpoint of a run over the same set, it goes on to the numbers it would have reached.
 * `schedule: "paper"` goes through the published phases instead, for comparison.
 */
export async function* reconstructMixture(
  set: PreparedParticles,
  options: MixtureOptions | PaperMixtureOptions = {},
  resume?: MixtureCheckpoint,
): AsyncGenerator<MixtureState, void> {
  if (options.schedule === "paper") return yield* reconstructAsPublished(set, options as PaperMixtureOptions, resume);
  const run = resume === undefined ? startRun(set, options) : resumeRun(set, options, resume);
  const tools = await openTools(run);
  const batches = planBatches(run.options.schedule, set.count);
  try {
    for (let batch = batches[run.step]; batch !== undefined && !options.signal?.aborted; batch = batches[run.step]) {
      if (batch.from === 0) run.order.set(passOrder(run, batch.of));
      const images = run.order.slice(batch.from, batch.to);
      const start = performance.now();
      await startStage(run, tools, batch.settings);
      const settings = run.molten ? molten(batch.settings, set.windowPower) : batch.settings;
      if (run.flexing) await maximisation(run, tools, settings);
      else await expectation(run, tools, images, settings);
      run.step++;
      const rate = (1e3 * images.length) / (performance.now() - start);
      run.imagesPerSecond = run.imagesPerSecond === 0 ? rate : 0.8 * run.imagesPerSecond + 0.2 * rate;
      yield mixtureState(run, tools, { ...batch, settings }, batches.length);
    }
  } finally {
    await closeTools(tools);
  }
}

/** The images of a pass in the order of their visits: all of them, or a sample that is the same in every pass. */
function passOrder({ set, options, random }: MixtureRun, images: number): Int32Array {
  if (images === set.count) return shuffledIndices(images, random);
  const sample = shuffledIndices(set.count, seededRandom(options.seed)).subarray(0, images);
  return shuffledIndices(images, random).map((i) => sample[i]!);
}

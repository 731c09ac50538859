/** @file The M-step of flexing classes: gradient steps on every field, with random Fourier points of its images. */
import { gatherLatents, standardiseClass } from "./flexing.js";
import { drawnImages, drawnPoses } from "./image-table.js";
import type { MixtureRun, MixtureTools } from "./mixture-run.js";
import type { Settings } from "./schedule.js";

/** Gradient steps on every field, on the images drawn for it. Rigid classes need none: references.ts. */
export async function maximisation(run: MixtureRun, tools: MixtureTools, settings: Settings): Promise<void> {
  const { learningRate, memory, radius } = settings;
  if (learningRate === null) return;
  const { table, random, fields, optimisers, options } = run;
  for (let k = 0; k < fields.length; k++) {
    const images = drawnImages(table, k, run.visits, memory * fields.length);
    if (images.length === 0) continue;
    standardiseClass(run, k, images);
    const posed = { images, poses: drawnPoses(table, images), z: gatherLatents(run, k, images) };
    optimisers[k]!.learningRate = learningRate;
    for (let s = 0; s < options.schedule.stepsPerBatch; s++)
      await tools.trainer.step(fields[k]!, optimisers[k]!, tools.sampler.draw(posed, radius, random));
  }
}

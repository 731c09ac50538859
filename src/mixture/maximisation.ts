/** @file The M-step: gradient steps on every field, with random Fourier points of the images drawn for it. */
import { gatherLatents, standardiseClass } from "./flexing.js";
import { drawnImages, drawnPoses } from "./image-table.js";

import type { MixtureRun, MixtureTools } from "./mixture-run.js";
import type { Settings } from "./schedule.js";

/** Gradient steps on every field, on the images drawn for it. */
export async function maximisation(run: MixtureRun, tools: MixtureTools, settings: Settings): Promise<void> {
  if (!settings.latents) return;
  const { table, random, fields, optimisers } = run;
  const { zDim, schedule } = run.options;
  const K = fields.length;
  for (let k = 0; k < K; k++) {
    const images = drawnImages(table, k, run.visits, memory(run, settings));
    if (images.length === 0) continue;
    if (settings.latents) standardiseClass(run, k, images);
    const z = settings.latents ? gatherLatents(run, k, images) : new Float32Array(images.length * zDim);
    const poses = drawnPoses(table, images);
    optimisers[k]!.learningRate = settings.learningRate;
    for (let s = 0; s < schedule.stepsPerBatch; s++)
      await tools.trainer.step(
        fields[k]!,
        optimisers[k]!,
        tools.sampler.draw({ images, poses, z }, settings.radius, random),
      );
  }
}

/** While hot, fields follow the latest images and forget early mistakes; once conformations are sought, all count. */
function memory(run: MixtureRun, settings: Settings): number {
  return settings.latents ? Infinity : run.options.schedule.memoryImages;
}

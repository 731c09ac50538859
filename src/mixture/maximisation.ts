/** @file The M-step of flexing classes: gradient steps on every field, with random Fourier points of its images. */

import type { Settings } from "./batch-plan.js";
import { fitField, membersOf } from "./flexing.js";
import type { MixtureRun, MixtureTools } from "./mixture-run.js";

/** Gradient steps on every field. Until classes flex they need none: references.ts. */
export async function maximisation(run: MixtureRun, tools: MixtureTools, settings: Settings): Promise<void> {
  const { radius, learningRate } = settings;
  if (learningRate === null) return;
  for (let k = 0; k < run.fields.length; k++)
    await fitField(run, tools, k, membersOf(run, k), { radius, learningRate }, run.options.schedule.stepsPerBatch);
}

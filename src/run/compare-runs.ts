/**
 * @file Two runs of the same particles, class by class: another seed, other options, or another program's result.
 *
 * Neither is the truth; the second stands where `evaluate` has it. Particles are joined by key, classes paired one to one, and
 * poses compared within each pair over a global rotation and both hands.
 */
import { JUNK } from "../metrics/confusion-table.js";
import { type Evaluation, evaluate } from "./evaluate.js";
import type { RunParticles } from "./particle-table.js";

/** Compare the classes, poses and first latents of `found` with those of `reference`; `name` is what messages call it. */
export function compareRuns(found: RunParticles, reference: RunParticles, name = "reference"): Evaluation {
  const { keys, zDim, assignments } = reference;
  const { classes, poses, z } = assignments;
  return evaluate(found, {
    path: name,
    keys,
    species: Array.from(classes, (k) => (k < 0 ? JUNK : `class ${k + 1}`)),
    poses,
    conformation: zDim > 0 ? Float64Array.from(keys, (_, i) => z[i * zDim]!) : null,
  });
}

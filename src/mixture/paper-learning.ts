/** @file One step of the published method on a batch of images: gradients of the loss, Adam on what the phase learns. */
import { adamStep } from "../engine/adam.js";
import { randomRotation } from "../geometry/rotation.js";
import type { PaperRun, PaperTools } from "./paper-run.js";
import type { PaperStage } from "./paper-schedule.js";
import { stepRows, takeRows, Z_SPREAD } from "./paper-tables.js";
import type { ImageVariables, PaperGradients } from "./paper-trainer.js";
import { largestIndex } from "./responsibility.js";

/** Which tables learn in a phase; fields always do. */
const LEARNT = {
  pretrain: ["scores"],
  search: ["scores", "z"],
  gradient: ["scores", "z", "rotations", "shifts"],
} as const;

/** Mean of l_i over the batch, before the step. */
export async function learnBatch(
  run: PaperRun,
  tools: PaperTools,
  images: Int32Array,
  stage: PaperStage,
): Promise<number> {
  const { fields, optimisers, tables } = run;
  const present = takeRows(tables, images);
  const variables = stage === "pretrain" ? { ...blind(run, images.length), scores: present.scores } : present;
  const found = await tools.trainer.gradients(fields, images, variables, run.random);
  fields.forEach(({ weights }, k) => {
    const { learningRate, state } = optimisers[k]!;
    adamStep(weights, found.fields[k]!, state, { learningRate });
  });
  for (const name of LEARNT[stage]) stepRows(tables[name], images, found.images[name]);
  note(run, tools, images, found);
  return found.loss;
}

/** Poses and conformations at random, the same for no two visits. */
function blind({ fields, options, random }: PaperRun, images: number): Omit<ImageVariables, "scores"> {
  const slots = images * fields.length;
  const rotations = new Float32Array(6 * slots);
  for (let i = 0; i < slots; i++) rotations.set(randomRotation(random).slice(0, 6), 6 * i);
  const z = Float32Array.from({ length: slots * options.zDim }, () => Z_SPREAD * random.normal());
  return { rotations, z, shifts: new Float32Array(2 * slots) };
}

/** The class of every image, and how well it explains it: n (‖x‖² − e) in natural units. */
function note(run: PaperRun, { trainer }: PaperTools, images: Int32Array, { errors, power }: PaperGradients): void {
  const { classes, changed, evidence, tables, fields } = run;
  const K = fields.length;
  images.forEach((image, row) => {
    const k = largestIndex(tables.scores.values, image * K, K);
    changed[image] = classes[image] === k ? 0 : 1;
    classes[image] = k;
    evidence[image] = trainer.points * (power[row]! - errors[row * K + k]!);
  });
}

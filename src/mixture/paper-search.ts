/**
 * @file The published hierarchical pose search (methods.md 2.5) with our parts: grids and radii as published, slices
 * from rasters of the fields, CTF on the image's side, shifts by halving steps.
 */
import { rasterise } from "../field/rasterise.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import type { SearchPlan } from "../pose/plan.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import { classProbabilities } from "./paper-classes.js";
import { type PaperRun, type PaperTools, paperRadius } from "./paper-run.js";

/** Poses that go on from level to level, halvings of the grid, degrees between its rotations. */
const KEEP = 8;
const LEVELS = 4;
const GRID_RAD = Math.PI / 12;
/** 40 pixels in 14 steps, of 128. */
const SHIFT_STEP_BOXES = 40 / 14 / 128;

/** Write the pose of least error of every image under every class into the tables. */
export async function searchPoseTables(run: PaperRun, tools: PaperTools, images: Int32Array): Promise<void> {
  const { set, fields, tables, random } = run;
  const K = fields.length;
  const plan = paperPlan(set, run.schedule.searchRadius, run.options.shiftRangeAngstrom);
  const rasters = [];
  for (let k = 0; k < K; k++) {
    const view = { box: set.box, radius: plan.radius, z: meanLatent(run, k), envelope: set.signalEnvelope };
    rasters.push(await rasterise(tools.evaluator, fields[k]!, { ...view, forSlices: true }));
  }
  await tools.search.setReferences(rasters, plan);
  const { poses } = await tools.search.search(images, random);
  images.forEach((image, row) => {
    for (let k = 0; k < K; k++) {
      const found = bestOf(poses, (row * K + k) * KEEP * POSE_STRIDE);
      tables.rotations.values.set(poses.subarray(found, found + 6), 6 * (image * K + k));
      tables.shifts.values.set(poses.subarray(found + 6, found + 8), 2 * (image * K + k));
    }
  });
}

/** Orders 2 to 6 of the grid; radii of the products and of the halvings as far as the set goes. */
export function paperPlan(
  set: PreparedParticles,
  [from, to]: readonly [from: number, to: number],
  shiftRangeAngstrom: number,
): SearchPlan {
  const limit = paperRadius(set);
  const levelRadii = Array.from({ length: LEVELS }, (_, i) =>
    Math.min(limit, from + Math.floor(((i + 1) / LEVELS) * (to - from))),
  );
  return {
    order: 2,
    coarseRadius: Math.min(limit, from),
    radius: levelRadii[LEVELS - 1]!,
    levelRadii,
    levels: LEVELS,
    localLevels: LEVELS,
    localSpacingRad: GRID_RAD / 2,
    shiftRangePixels: shiftRangeAngstrom / set.pixelSizeAngstrom,
    shiftStepPixels: SHIFT_STEP_BOXES * set.box,
    keep: KEEP,
    temperature: 0,
  };
}

/** Float32[zDim]: mean z of class k over the images, each counting by its probability, as of their latest visits. */
export function meanLatent({ tables, fields, options }: PaperRun, k: number): Float32Array {
  const K = fields.length;
  const { zDim } = options;
  const sum = new Float64Array(zDim);
  let weight = 0;
  const { values: scores } = tables.scores;
  for (let at = 0; at < scores.length; at += K) {
    const p = classProbabilities(scores, at, K)[k]!;
    weight += p;
    for (let d = 0; d < zDim; d++) sum[d]! += p * tables.z.values[(at + k) * zDim + d]!;
  }
  return Float32Array.from(sum, (s) => s / weight);
}

/** Where the pose of the highest score of `poses[from..]` lies. */
function bestOf(poses: Float64Array, from: number): number {
  let best = from;
  for (let i = 1; i < KEEP; i++) {
    const at = from + i * POSE_STRIDE;
    if (poses[at + 8]! > poses[best + 8]!) best = at;
  }
  return best;
}

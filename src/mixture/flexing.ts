/**
 * @file Learning to flex: the motion of every class, its images' conformations, and a field that shows both.
 *
 * Classes and poses have settled. The motion is found as a linear subspace (conformation/), with poses and conformations
 * of the images solved together; from then on both are held, and junk is judged again: what moves far from the mean looks like
 * junk until then. Each class's neural field is fitted to that subspace
 * (subspace-points.ts), then to the images themselves, and follows the motion where it is not linear.
 */
import { findAllConformations } from "../conformation/conformation-pool.js";
import { withIdleModes } from "../conformation/linear-subspace.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import { classTurns } from "./class-turns.js";
import { bestSeed, drawnPoses, isJunk } from "./image-table.js";
import { judgeMovingJunk } from "./junk.js";
import { type MixtureRun, type MixtureTools, POINTS } from "./mixture-run.js";
import { subspaceSampler } from "./subspace-points.js";
import type { PosedImages } from "./training-points.js";

/** How fields are fitted. */
export interface FitSettings {
  /** Fourier pixels of the working box. */
  readonly radius: number;
  readonly learningRate: number;
}

/** Learning rate of a field that is fitted to its subspace, from the first step to the last. */
const FIRST_RATE = 3e-3;
const LAST_RATE = 3e-4;
/** A class of fewer images does not flex. */
const LEAST_IMAGES = 20;

/** Conformations and refined poses of all images, and fields fitted to them within `radius`. */
export async function startFlexing(run: MixtureRun, tools: MixtureTools, radius: number): Promise<void> {
  const { set, table, options, fields, optimisers, random } = run;
  const { zDim, threads } = options;
  const K = fields.length;
  settleImages(run);
  const flexing = fields.flatMap((_, k) => (membersOf(run, k).length < LEAST_IMAGES ? [] : [k]));
  const requests = flexing.map((k) => {
    const sound = membersOf(run, k);
    const suspect = imagesOf(run, k).filter((i) => isJunk(table, i));
    const images = Int32Array.from([...sound, ...suspect]);
    const turns = classTurns(run, k);
    const asked = {
      ...{ zDim: options.autoAxes ? ("auto" as const) : zDim, seed: options.seed, teachers: sound.length },
      ...(turns && { turns }),
    };
    return { images, poses: drawnPoses(table, images), options: asked };
  });
  const found = await findAllConformations(set, requests, threads);
  const subspaces = found.map(({ subspace }) => withIdleModes(subspace, zDim));
  found.forEach(({ images, poses, z, zDim: axes }, f) => {
    const k = flexing[f]!;
    run.axes[k] = axes;
    images.forEach((image, row) => {
      const pose = poses.subarray(row * POSE_STRIDE, (row + 1) * POSE_STRIDE);
      table.drawnPose.set(pose, image * POSE_STRIDE);
      table.seeds.set(pose, bestSeed(image * K + k));
      table.z.set(z.subarray(row * axes, (row + 1) * axes), (image * K + k) * zDim);
    });
  });
  if (options.junk) {
    const moving = fields.map((_, k) => subspaces[flexing.indexOf(k)]);
    judgeMovingJunk(run, tools.reader, moving);
  }
  const { fieldSteps } = options.schedule;
  for (const [f, subspace] of subspaces.entries()) {
    const k = flexing[f]!;
    const draw = subspaceSampler(tools.reader, subspace, POINTS, radius);
    const posed = posedMembers(run, k, membersOf(run, k));
    for (let step = 0; step < fieldSteps; step++) {
      optimisers[k]!.learningRate = FIRST_RATE * (LAST_RATE / FIRST_RATE) ** (step / fieldSteps);
      await tools.trainer.step(fields[k]!, optimisers[k]!, draw(posed, random));
    }
  }
  run.flexing = true;
}

/** From draws to what is held from here on: every image in its class of largest posterior, at its best pose there. */
function settleImages({ table, fields }: MixtureRun): void {
  table.drawnClass.set(table.classes);
  table.classes.forEach((k, i) => {
    if (k < 0) return;
    const at = bestSeed(i * fields.length + k);
    table.drawnPose.set(table.seeds.subarray(at, at + POSE_STRIDE), i * POSE_STRIDE);
  });
}

/** Gradient steps on the field of class k, with random Fourier points of `members` at their poses and conformations. */
export async function fitField(
  run: MixtureRun,
  tools: MixtureTools,
  k: number,
  members: Int32Array,
  settings: FitSettings,
  steps: number,
): Promise<void> {
  if (members.length === 0) return;
  const posed = posedMembers(run, k, members);
  run.optimisers[k]!.learningRate = settings.learningRate;
  for (let step = 0; step < steps; step++)
    await tools.trainer.step(
      run.fields[k]!,
      run.optimisers[k]!,
      tools.sampler.draw(posed, settings.radius, run.random),
    );
}

function posedMembers(run: MixtureRun, k: number, members: Int32Array): PosedImages {
  return { images: members, poses: drawnPoses(run.table, members), z: latentsOf(run, k, members) };
}

/** Float32[members zDim] in class k. */
function latentsOf({ table, options, fields }: MixtureRun, k: number, members: Int32Array): Float32Array {
  const { zDim } = options;
  const z = new Float32Array(members.length * zDim);
  members.forEach((image, row) => {
    const at = (image * fields.length + k) * zDim;
    z.set(table.z.subarray(at, at + zDim), row * zDim);
  });
  return z;
}

/** The images of class k that are no junk. */
export function membersOf(run: MixtureRun, k: number): Int32Array {
  return imagesOf(run, k).filter((i) => !isJunk(run.table, i));
}

function imagesOf({ table }: MixtureRun, k: number): Int32Array {
  return Int32Array.from(table.drawnClass.keys()).filter((i) => table.drawnClass[i] === k);
}

/**
 * @file How well classes explain images that they have not learnt from.
 *
 * Every class is back-projected from each half of its images, and images of one half are compared with the maps of the
 * other half only: no class is favoured for having learnt an image's noise.
 */
import { POSE_STRIDE } from "../pose/pose-row.js";
import type { Settings } from "./batch-plan.js";
import { drawnPoses, isJunk, KEEP } from "./image-table.js";
import type { MixtureRun, MixtureTools } from "./mixture-run.js";
import { searchPlan } from "./search-plan.js";

/** Images of each class that judge. */
const JUDGES = 60;
/** Smaller classes are left alone: half of one is no map. */
export const LEAST_JUDGED = 40;

/**
 * Float64[K] per class: mean log-evidence, within the judging radius and over no particle at all, of some of its images
 * under every class. Rows and columns of classes too small to say are 0.
 */
export async function heldOutEvidence(
  run: MixtureRun,
  { backProjection, search }: MixtureTools,
  settings: Settings,
  radius: number,
): Promise<readonly Float64Array[]> {
  const { table, random, set, options } = run;
  const K = run.fields.length;
  const members = Array.from({ length: K }, () => [] as number[]);
  table.drawnClass.forEach((k, i) => {
    if (k >= 0 && !isJunk(table, i)) members[k]!.push(i);
  });
  const judged = members.flatMap((all, k) => (all.length < LEAST_JUDGED ? [] : [k]));
  const mean = Array.from({ length: K }, () => new Float64Array(K));
  if (judged.length === 0) return mean;
  const halves = judged.flatMap((k) => [0, 1].map((half) => members[k]!.filter((_, j) => j % 2 === half)));
  const groups = halves.map((images) => ({ images, poses: drawnPoses(table, images) }));
  const plan = searchPlan(set, options.schedule, { ...settings, radius, poseTemperature: 1 });
  await search.setReferences(await backProjection.rasters(groups, radius), plan);
  const judges = judged.flatMap((k) => members[k]!.slice(0, JUDGES).map((image, j) => ({ image, k, half: j % 2 })));
  const asked = new Float64Array(judges.length * groups.length * KEEP * POSE_STRIDE).fill(-Infinity);
  judges.forEach(({ half }, row) => {
    for (let j = 0; j < judged.length; j++)
      asked[(row * groups.length + 2 * j + half) * KEEP * POSE_STRIDE + 8] = Number.NaN;
  });
  const images = Int32Array.from(judges, ({ image }) => image);
  const { evidence } = await search.search(images, random, asked);
  judges.forEach(({ k, half }, row) => {
    const share = Math.min(JUDGES, members[k]!.length);
    judged.forEach((other, j) => {
      mean[k]![other]! += evidence[row * groups.length + 2 * j + 1 - half]! / share;
    });
  });
  return mean;
}

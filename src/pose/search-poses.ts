/**
 * @file Poses of a working set against references: the search on its own, a 3-D alignment.
 *
 * Without `previous` everywhere, with it near those poses. Classes and conformations are simply several references:
 * the posterior over them is that of the evidence. Memory is that of the templates, whatever the number of images.
 */
import { availableParallelism } from "node:os";
import { check, checkCancelled } from "../core/errors.js";
import type { OnProgress } from "../core/progress.js";
import { seededRandom } from "../core/random.js";
import type { Poses } from "../core/types.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { openPrepared } from "../imaging/prepared-reader.js";
import { defaultSearchPlan, type PlanOptions } from "./default-plan.js";
import type { SearchPlan } from "./plan.js";
import { POSE_STRIDE, rotationOfPose } from "./pose-row.js";
import { type PoseReference, referenceRaster } from "./reference-raster.js";
import { searchGrid } from "./search-grid.js";
import { createSearchPool } from "./search-pool.js";
import { templateBankBytes } from "./template-bank.js";

export interface SearchPosesOptions extends PlanOptions {
  /** Int32[images], indices into the set. @default all */
  readonly images?: ArrayLike<number>;
  /** Search near these poses, one per image searched, instead of everywhere. */
  readonly previous?: Poses;
  /** Unit of the maps in units of the normalised images. @default measured from the spectra */
  readonly scale?: number;
  /** Departures from the plan. */
  readonly plan?: Partial<SearchPlan>;
  /** @default the cores, at most 8 */
  readonly threads?: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export interface PoseEstimates {
  readonly kind: "pose-estimates";
  /** Int32[count], indices into the set. */
  readonly images: Int32Array;
  readonly references: number;
  /** Per image, under the reference that explains it best. */
  readonly poses: Poses;
  /** Int32[count], 0-based: that reference. */
  readonly best: Int32Array;
  /** Float64[count], rad: 68 % of the posterior of that reference lie this near the pose. */
  readonly spreadRad: Float64Array;
  /** Float64[count references]: log Σ exp(score) over the poses kept; scores are log-likelihoods up to ½‖x‖². */
  readonly evidence: Float64Array;
  /** Float32[count references], rows sum to 1: posterior of the references, equal before. */
  readonly posterior: Float32Array;
  /** Poses kept per image and reference, the best first: Float64[count references keep 9], pose rows, pixels of the working box. */
  readonly candidates: Float64Array;
  readonly keep: number;
  readonly plan: SearchPlan;
  /** Templates held by every thread. */
  readonly templateBytes: number;
}

/** Images between two reports. */
const BATCH = 256;

/** Best poses, evidence and uncertainty of every image under every reference. */
export async function searchPoses(
  set: PreparedParticles,
  references: PoseReference | readonly PoseReference[],
  options: SearchPosesOptions = {},
): Promise<PoseEstimates> {
  const list = Array.isArray(references) ? (references as readonly PoseReference[]) : [references as PoseReference];
  const { previous, threads = Math.min(8, availableParallelism()) } = options;
  const images = Int32Array.from(options.images ?? { length: set.count }, (value, i) => value ?? i);
  check(list.length > 0, "references", "at least one", 0);
  const starts = previous?.rotations.count ?? images.length;
  check(starts === images.length, "previous", `one pose for each of ${images.length} images`, starts);
  const plan = { ...defaultSearchPlan(set, options), ...options.plan };
  const reader = openPrepared(set);
  const pool = createSearchPool(set, threads);
  const slots = images.length * list.length;
  const found = {
    evidence: new Float64Array(slots),
    spread: new Float64Array(slots),
    candidates: new Float64Array(slots * plan.keep * POSE_STRIDE),
  };
  try {
    const rasters = [];
    for (const reference of list) rasters.push(await referenceRaster(reader, reference, plan.radius, options.scale));
    await pool.setReferences(rasters, plan);
    const random = seededRandom(1); // drawn from at a temperature only
    for (let from = 0; from < images.length; from += BATCH) {
      checkCancelled(options.signal);
      options.onProgress?.({ stage: "search", fraction: from / images.length });
      const to = Math.min(images.length, from + BATCH);
      const near = previous && startRows(previous, from, to, list.length, plan.keep, set.pixelSizeAngstrom);
      const result = await pool.search(images.slice(from, to), random, near);
      found.evidence.set(result.evidence, from * list.length);
      found.spread.set(result.spread, from * list.length);
      found.candidates.set(result.poses, from * list.length * plan.keep * POSE_STRIDE);
    }
    options.onProgress?.({ stage: "search", fraction: 1 });
  } finally {
    await pool.dispose();
    reader.close();
  }
  const half = searchGrid(plan.order, plan.symmetry).count / 2;
  const templateBytes = list.length * templateBankBytes(reader.points(plan.coarseRadius), half);
  return { ...summary(found, images, list.length, plan, set.pixelSizeAngstrom), templateBytes };
}

/** Poses from..to as the first slot of rows of `keep`, the same for every reference. */
function startRows(
  { rotations, shiftsAngstrom }: Poses,
  from: number,
  to: number,
  references: number,
  keep: number,
  pixelSizeAngstrom: number,
): Float64Array {
  const stride = keep * POSE_STRIDE;
  const rows = new Float64Array((to - from) * references * stride).fill(-Infinity);
  for (let i = from; i < to; i++)
    for (let k = 0; k < references; k++) {
      const at = ((i - from) * references + k) * stride;
      rows.set(rotations.matrices.subarray(9 * i, 9 * i + 6), at);
      rows[at + 6] = shiftsAngstrom[2 * i]! / pixelSizeAngstrom;
      rows[at + 7] = shiftsAngstrom[2 * i + 1]! / pixelSizeAngstrom;
      rows[at + 8] = 0;
    }
  return rows;
}

function summary(
  found: { readonly evidence: Float64Array; readonly spread: Float64Array; readonly candidates: Float64Array },
  images: Int32Array,
  references: number,
  plan: SearchPlan,
  pixelSizeAngstrom: number,
): Omit<PoseEstimates, "templateBytes"> {
  const { evidence, spread, candidates } = found;
  const { keep } = plan;
  const count = images.length;
  const best = new Int32Array(count);
  const spreadRad = new Float64Array(count);
  const posterior = new Float32Array(evidence.length);
  const matrices = new Float64Array(9 * count);
  const shiftsAngstrom = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    const row = evidence.subarray(i * references, (i + 1) * references);
    best[i] = row.reduce((top, value, k) => (value > row[top]! ? k : top), 0);
    const slot = i * references + best[i]!;
    const total = row.reduce((sum, value) => sum + Math.exp(value - row[best[i]!]!), 0);
    row.forEach((value, k) => {
      posterior[i * references + k] = Math.exp(value - row[best[i]!]!) / total;
    });
    spreadRad[i] = spread[slot]!;
    const at = slot * keep * POSE_STRIDE;
    matrices.set(rotationOfPose(candidates, at), 9 * i);
    shiftsAngstrom.set([candidates[at + 6]! * pixelSizeAngstrom, candidates[at + 7]! * pixelSizeAngstrom], 2 * i);
  }
  return {
    kind: "pose-estimates",
    images,
    references,
    poses: { rotations: { kind: "rotations", count, matrices }, shiftsAngstrom },
    best,
    spreadRad,
    evidence,
    posterior,
    candidates,
    keep,
    plan,
  };
}

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
import type { Poses, Volume } from "../core/types.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { openPrepared } from "../imaging/prepared-reader.js";
import { defaultSearchPlan, type PlanOptions } from "./default-plan.js";
import type { SearchPlan } from "./plan.js";
import { type PoseEstimates, poseEstimates } from "./pose-estimates.js";
import { POSE_STRIDE } from "./pose-row.js";
import { type PoseReference, referenceRaster } from "./reference-raster.js";
import { searchGrid } from "./search-grid.js";
import { createSearchPool } from "./search-pool.js";
import { startRows } from "./start-rows.js";
import { templateBankBytes } from "./template-bank.js";

export interface SearchPosesOptions extends PlanOptions {
  /** Int32[images], indices into the set. @default all */
  readonly images?: ArrayLike<number>;
  /**
   * Search near these instead of everywhere: poses, one per image searched, or what an earlier search of the same
   * images found under as many references.
   */
  readonly previous?: Poses | PoseEstimates;
  /** References whose posterior in those estimates is smaller are skipped. @default 1e-3 */
  readonly prunedBelow?: number;
  /** Multiplied into every reference that is a map: a volume of the same box, 0 to 1. */
  readonly mask?: Volume;
  /** Unit of the maps in units of the normalised images. @default measured from the spectra */
  readonly scale?: number;
  /** Departures from the plan. */
  readonly plan?: Partial<SearchPlan>;
  /** @default the cores, at most 8 */
  readonly threads?: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
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
  const plan = { ...defaultSearchPlan(set, options), ...options.plan };
  const { pixelSizeAngstrom } = set;
  const { prunedBelow = 1e-3 } = options;
  const starts =
    previous &&
    startRows(previous, { images, references: list.length, keep: plan.keep, pixelSizeAngstrom, prunedBelow });
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
    for (const reference of list)
      rasters.push(await referenceRaster(reader, masked(reference, options.mask), plan.radius, options.scale));
    await pool.setReferences(rasters, plan);
    const random = seededRandom(1); // drawn from at a temperature only
    for (let from = 0; from < images.length; from += BATCH) {
      checkCancelled(options.signal);
      options.onProgress?.({ stage: "search", fraction: from / images.length });
      const to = Math.min(images.length, from + BATCH);
      const result = await pool.search(images.slice(from, to), random, starts?.(from, to));
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
  return { ...poseEstimates(found, images, list.length, plan, set), templateBytes };
}

function masked(reference: PoseReference, mask: Volume | undefined): PoseReference {
  if (mask === undefined || reference.kind !== "volume") return reference;
  check(mask.box === reference.box, "mask.box", `that of the map, ${reference.box}`, mask.box);
  return { ...reference, values: reference.values.map((value, i) => value * mask.values[i]!) };
}

/** @file What references and plan decide once for many images, and room to work in. */
import { check } from "../core/errors.js";
import type { Rotations } from "../core/types.js";
import { symmetryOperators } from "../geometry/symmetry.js";
import type { FourierRaster } from "../imaging/fourier-raster.js";
import type { HalfPlane } from "../imaging/half-plane.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { type Beam, createBeam } from "./beam.js";
import { type Climber, createClimber } from "./climb.js";
import { createDescent, type Descent } from "./descent.js";
import { BLOCK, createGlobalScores, type GlobalScores } from "./global-scores.js";
import { emptyImage, type LoadedImage } from "./loaded-image.js";
import { isPlaced, type PlacedRaster, placeRaster } from "./placed-raster.js";
import { finestRadius, type SearchPlan } from "./plan.js";
import { POSE_STRIDE } from "./pose-row.js";
import { searchGrid } from "./search-grid.js";
import { createBestShift, shiftGrid } from "./shift-grid.js";
import { createSlicer, type Slicer } from "./slicer.js";
import { emptyTemplateBank, fillTemplateBank, type TemplateBank } from "./template-bank.js";

/** Images held in memory at a time. */
export const CHUNK_IMAGES: number = 2 * BLOCK;

export interface Setup {
  readonly plan: SearchPlan;
  readonly rasters: readonly PlacedRaster[];
  /** One per raster. */
  readonly slicers: readonly Slicer[];
  readonly grid: Rotations;
  readonly operators: Rotations;
  readonly shifts: Float64Array;
  readonly bestShift: (cross: Float32Array) => number;
  readonly scores: GlobalScores;
  /** What the grid stage depends on: while it stays, programs and memory are kept. */
  readonly key: string;
  readonly coarse: number;
  readonly fine: number;
  readonly banks: TemplateBank[];
  readonly filled: Set<number>;
  /** Part of the coefficients that is independent, whose log-likelihood is the scores' times it (imaging/prepare.ts). */
  readonly independent: number;
  /** Points within a radius. */
  readonly points: (radius: number) => number;
  readonly plane: HalfPlane;
  readonly images: readonly LoadedImage[];
  readonly descent: Descent;
  readonly climber: Climber;
  readonly beam: Beam;
  /** Pose rows under way. */
  readonly work: Float64Array;
  readonly cross: Float32Array;
}

/**
 * Make ready for `rasters` and `plan`, at work in room `room` of those that are placed; the grid stage of `before` is
 * kept where it serves again.
 */
export async function prepareSetup(
  reader: PreparedReader,
  rasters: readonly FourierRaster[],
  plan: SearchPlan,
  room: number,
  before: Setup | undefined,
): Promise<Setup> {
  checkPlan(rasters, plan);
  const { plane } = reader;
  const coarse = reader.points(plan.coarseRadius);
  const fine = reader.points(finestRadius(plan));
  const shifts = shiftGrid(plan.shiftRangePixels, plan.shiftStepPixels);
  const key = [plan.order, plan.symmetry, coarse, plan.shiftRangePixels, plan.shiftStepPixels].join(" ");
  const parents = Math.max(plan.candidates ?? plan.keep, plan.keep);
  // Memory is used again: what lay there belonged to references that are replaced.
  const placed = rasters.map((raster, k) =>
    isPlaced(raster) ? raster : placeRaster(raster, fine, 1, before?.rasters[k]?.memory),
  );
  const own = {
    rasters: placed,
    slicers: placed.map((raster) => createSlicer(raster, plane, room)),
    images: Array.from({ length: CHUNK_IMAGES }, () => emptyImage(fine)),
    descent: createDescent(parents),
    climber: createClimber(plane.box),
    beam: createBeam(plan.candidates ?? plan.keep),
    work: new Float64Array(parents * POSE_STRIDE),
    filled: new Set<number>(),
    points: reader.points, // no function of its own: that would hold on to `before`, and so to all before it
  };
  const shared = { plan, fine, plane, independent: reader.set.windowPower, ...own };
  if (before?.key === key) return { ...before, ...shared };
  await before?.scores.dispose();
  const grid = searchGrid(plan.order, plan.symmetry);
  const { width } = emptyTemplateBank(0, grid.count / 2);
  return {
    ...shared,
    key,
    coarse,
    grid,
    shifts,
    operators: symmetryOperators(plan.symmetry ?? "C1"),
    bestShift: createBestShift(plane, coarse, shifts),
    scores: await createGlobalScores(plane, coarse, shifts, grid.count, width),
    banks: [],
    cross: new Float32Array(2 * coarse),
  };
}

function checkPlan(rasters: readonly FourierRaster[], plan: SearchPlan): void {
  check(rasters.length > 0, "references", "at least one", rasters.length);
  for (const { radius } of rasters) check(radius >= plan.radius, "raster.radius", `at least ${plan.radius}`, radius);
  const { levels, localLevels, levelRadii } = plan;
  if (levelRadii === undefined || plan.climbs) return;
  const last = levelRadii.at(-1);
  if (levels + localLevels > 0)
    check(last === plan.radius, "levelRadii", `${plan.radius} at the end, as nothing follows`, last);
}

/** The templates of reference k, made when a global search first asks for them. */
export function bankOf(setup: Setup, k: number): TemplateBank {
  const { banks, filled, coarse, grid, slicers } = setup;
  const bank = banks[k] ?? emptyTemplateBank(coarse, grid.count / 2);
  banks[k] = bank;
  if (!filled.has(k)) fillTemplateBank(bank, slicers[k]!, grid);
  filled.add(k);
  return bank;
}

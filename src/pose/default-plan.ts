/**
 * @file The search that suits a particle: grids by its diameter and by the resolution, in periods across it.
 *
 * A turn by δ moves the edge of a particle of diameter D by δD/2; at frequency s that is δDs/2 periods. What a grid of
 * spacing δ can see ends near δDs = 2: matrix products at 7.5° go to 12 periods across the particle, at 15° to 8.
 */
import { check } from "../core/errors.js";
import { hopfSpacingRad } from "../geometry/hopf-grid.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import type { SearchPlan } from "./plan.js";

export interface PlanOptions {
  /** Finest detail compared, Å. @default all that the set holds */
  readonly resolutionAngstrom?: number;
  /** Point group of the particle. @default "C1" */
  readonly symmetry?: string;
  /** Radius of the disc of shifts, Å. @default 8 % of the box */
  readonly shiftRangeAngstrom?: number;
  /** HEALPix order of the global grid: 1 (30°), 2 (15°), 3 (7.5°). @default 3; 2 below 8 periods across the particle */
  readonly order?: number;
  /** Poses kept per image and reference. @default 8 */
  readonly keep?: number;
}

/** Periods across the particle, per order: at the matrix products, and at the halvings that follow. */
const PERIODS: Readonly<Record<number, readonly [products: number, ...halvings: number[]]>> = {
  1: [4, 6, 9, 13],
  2: [8, 9, 13],
  3: [12, 14],
};
/** Rotations of the grid that descend, and hills that are climbed. */
const CANDIDATES = 40;
const CLIMBS = 4;

/** The plan of `searchPoses`. */
export function defaultSearchPlan(set: PreparedParticles, options: PlanOptions = {}): SearchPlan {
  const { box, pixelSizeAngstrom, diameterAngstrom } = set;
  const { resolutionAngstrom, symmetry = "C1", keep = 8 } = options;
  const side = box * pixelSizeAngstrom;
  const { shiftRangeAngstrom = 0.08 * side } = options;
  const nyquist = box / 2 - 1;
  const radius = resolutionAngstrom === undefined ? nyquist : Math.min(nyquist, side / resolutionAngstrom);
  check(
    radius >= 3,
    "resolutionAngstrom",
    `at most a third of the box, ${(side / 3).toFixed(0)} Å`,
    resolutionAngstrom,
  );
  check(shiftRangeAngstrom >= 0, "shiftRangeAngstrom", "at least 0", shiftRangeAngstrom);
  check(Number.isInteger(keep) && keep >= 1, "keep", "a positive integer", keep);
  const atPeriods = (periods: number): number => Math.min(radius, (periods * side) / diameterAngstrom);
  const { order = atPeriods(8) < radius ? 3 : 2 } = options;
  const periods = PERIODS[order];
  check(periods !== undefined, "order", "1, 2 or 3", order);
  const [products, ...halvings] = periods;
  const coarseRadius = atPeriods(products);
  return {
    order,
    symmetry,
    coarseRadius,
    radius,
    levelRadii: halvings.map(atPeriods),
    levels: halvings.length,
    localLevels: 1,
    localSpacingRad: hopfSpacingRad(order) / 2 ** halvings.length,
    shiftRangePixels: shiftRangeAngstrom / pixelSizeAngstrom,
    shiftStepPixels: box / (3 * coarseRadius),
    candidates: CANDIDATES,
    keep,
    climbs: Math.min(CLIMBS, keep),
    temperature: 0,
  };
}

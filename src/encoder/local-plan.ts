/** @file The pose searches that start from a network's proposals: among many in training, from the best one to refine it. */
import { RADIANS_PER_DEGREE } from "../core/constants.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import type { SearchPlan } from "../pose/plan.js";

/**
 * Refinement: from proposals some 20° off down to 4° by two halvings, at radii (periods across the particle) at which
 * neighbours of that spacing still look alike, then by Gauss–Newton steps to the top of the hill at full radius.
 */
const REFINE_SPACING_RAD = 16 * RADIANS_PER_DEGREE;
const REFINE_PERIODS: readonly number[] = [6, 9];

/** Matrix products of a global search stop at this radius, Fourier pixels. */
const COARSE_RADIUS = 8;
/** First spacing of the descent: about what a trained network is off. */
const SPACING_RAD = 8 * RADIANS_PER_DEGREE;

/** Descend `levels` halvings from proposals, at `radius` Fourier pixels. */
export function localPlan(
  set: PreparedParticles,
  radius: number,
  options: { readonly keep: number; readonly levels: number; readonly temperature: number },
): SearchPlan {
  const coarseRadius = Math.min(COARSE_RADIUS, radius);
  return {
    order: 2,
    coarseRadius,
    radius,
    shiftRangePixels: 0.08 * set.box,
    shiftStepPixels: set.box / (3 * coarseRadius),
    levels: options.levels,
    localLevels: options.levels,
    localSpacingRad: SPACING_RAD,
    keep: options.keep,
    temperature: options.temperature,
  };
}

/** The best pose near one proposal, at `radius` Fourier pixels. */
export function refinementPlan(set: PreparedParticles, radius: number): SearchPlan {
  const perPeriod = (set.box * set.pixelSizeAngstrom) / set.diameterAngstrom;
  return {
    ...localPlan(set, radius, { keep: 1, levels: REFINE_PERIODS.length, temperature: 0 }),
    levelRadii: REFINE_PERIODS.map((periods) => Math.min(radius, periods * perPeriod)),
    localSpacingRad: REFINE_SPACING_RAD,
    climbs: 1,
  };
}

/** @file The pose search that starts from a network's proposals. */
import { RADIANS_PER_DEGREE } from "../core/constants.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import type { SearchPlan } from "../pose/plan.js";

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

/** @file The pose search that the settings of a batch ask for. */
import { RADIANS_PER_DEGREE } from "../core/constants.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import type { SearchPlan } from "../pose/plan.js";
import type { Settings } from "./batch-plan.js";
import { KEEP } from "./image-table.js";
import type { Schedule } from "./schedule.js";

/** Spacing of the global grid, HEALPix order 2. */
const GRID_SPACING_RAD = 15 * RADIANS_PER_DEGREE;
/** Matrix products stop at this radius, Fourier pixels; the descent goes on from there. */
const COARSE_RADIUS = 12;
/** Rotations of the grid that descend once poses are cold, and hills that are climbed when they are sought for good. */
const CANDIDATES = 24;
const CLIMBS = 2;

export function searchPlan(set: PreparedParticles, schedule: Schedule, settings: Settings): SearchPlan {
  const coarseRadius = Math.min(COARSE_RADIUS, settings.radius);
  const levels = descentLevels(set, settings.radius);
  return {
    order: 2,
    coarseRadius,
    radius: levels === 0 ? coarseRadius : settings.radius,
    shiftRangePixels: schedule.shiftRangeAngstrom / set.pixelSizeAngstrom,
    shiftStepPixels: set.box / (3 * coarseRadius),
    levels,
    localLevels: levels + 1,
    localSpacingRad: GRID_SPACING_RAD / 4,
    candidates: settings.poseTemperature <= 1 ? CANDIDATES : KEEP,
    keep: KEEP,
    climbs: settings.poseTemperature < 1 ? CLIMBS : 0,
    temperature: settings.poseTemperature,
  };
}

/** Halvings until a turn moves the particle's edge by an eighth of a period at `radius`. */
function descentLevels(set: PreparedParticles, radius: number): number {
  const edgePeriods = (radius * set.diameterAngstrom) / 2 / (set.box * set.pixelSizeAngstrom);
  return Math.max(0, Math.min(4, Math.round(Math.log2((GRID_SPACING_RAD * edgePeriods) / 0.25))));
}

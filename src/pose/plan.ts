/** @file How to search: grids, radii, how many candidates go on. Plain data, so that it can be sent to a thread. */

/** Radii in Fourier pixels, lengths in pixels of the working box. */
export interface SearchPlan {
  /** HEALPix order of the global grid: 1 (30°), 2 (15°), 3 (7.5°). */
  readonly order: number;
  /** Point group of the particle, RELION's name (geometry/symmetry.ts): searched in its asymmetric unit. @default "C1" */
  readonly symmetry?: string;
  /** Radius of the matrix products. */
  readonly coarseRadius: number;
  /** Radius of the final scores. */
  readonly radius: number;
  /** Radius of each halving of the grid, the finest last; local searches use the last of them. @default `radius` */
  readonly levelRadii?: readonly number[];
  readonly shiftRangePixels: number;
  readonly shiftStepPixels: number;
  /** Rotations of the global grid that descend. @default `keep` */
  readonly candidates?: number;
  /** Halvings of the global grid. 0: the grid alone, scored at `coarseRadius`. */
  readonly levels: number;
  /** Halvings of a local search, whose first spacing is `localSpacingRad`. */
  readonly localLevels: number;
  readonly localSpacingRad: number;
  /** Poses kept per image and reference. */
  readonly keep: number;
  /** Of those, how many at most are brought to the top of their hill; the others are dropped. @default 0: no climb */
  readonly climbs?: number;
  /** 0: the best. Larger: sampled. */
  readonly temperature: number;
}

/** Radius at halving `level` of `levels`, Fourier pixels. */
export function radiusAtLevel(plan: SearchPlan, level: number, levels: number): number {
  const radii = plan.levelRadii ?? [];
  return radii[radii.length - levels + level] ?? (radii.length === 0 ? plan.radius : radii[0]!);
}

/** The largest radius of all, Fourier pixels. */
export function finestRadius(plan: SearchPlan): number {
  return Math.max(plan.radius, plan.coarseRadius);
}

/**
 * @file Masks with soft edges, for correlations inside the particle: 1 inside, 0 outside, a raised cosine between.
 *
 * A hard edge correlates by itself at high frequency. The edge of a density mask is laid as `relion_mask_create` lays it:
 * the voxels above the level, extended, then a cosine over the distance to the nearest of them.
 */
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { squaredDistances } from "./distance-transform.js";
import { lowPassFiltered } from "./map-filter.js";

export interface SphericalMaskOptions {
  /** (x, y, z) from the centre of the box. @default (0, 0, 0) */
  readonly centreAngstrom?: readonly [x: number, y: number, z: number];
  /** Where the edge begins. @default a half of the box less the edge */
  readonly radiusAngstrom?: number;
  /** Width of the edge. @default 5 voxels */
  readonly edgeAngstrom?: number;
}

export interface DensityMaskOptions {
  /** Density that parts particle and solvent, in the low-passed map. */
  readonly level: number;
  /** Look at the map at this resolution; 0 for as it is. @default 0 */
  readonly lowPassAngstrom?: number;
  /** Take in what lies this near. @default 3 voxels */
  readonly extendAngstrom?: number;
  /** Width of the edge. @default 6 voxels */
  readonly edgeAngstrom?: number;
}

type Grid = Pick<Volume, "box" | "pixelSizeAngstrom">;

/** Float32[box box box], 0..1: a ball. */
export function sphericalMask({ box, pixelSizeAngstrom }: Grid, options: SphericalMaskOptions = {}): Float32Array {
  const edge = (options.edgeAngstrom ?? 5 * pixelSizeAngstrom) / pixelSizeAngstrom;
  const radius = options.radiusAngstrom === undefined ? box / 2 - edge : options.radiusAngstrom / pixelSizeAngstrom;
  check(edge >= 0, "edgeAngstrom", "a length", options.edgeAngstrom);
  check(radius > 0 && radius <= box / 2, "radiusAngstrom", "a radius within the box", options.radiusAngstrom);
  const mask = new Float32Array(box ** 3);
  const { centreAngstrom: centre = [0, 0, 0] } = options;
  const [sx, sy, sz] = centre.map((c) =>
    Float64Array.from({ length: box }, (_, i) => (i - box / 2 - c / pixelSizeAngstrom) ** 2),
  ) as [Float64Array, Float64Array, Float64Array];
  for (let z = 0, at = 0; z < box; z++)
    for (let y = 0; y < box; y++)
      for (let x = 0; x < box; x++, at++) mask[at] = softEdge(Math.sqrt(sx[x]! + sy[y]! + sz[z]!) - radius, edge);
  return mask;
}

/** Float32[box box box], 0..1: where the density is above a level, extended. Refuses a level that nothing exceeds. */
export function densityMask(volume: Volume, options: DensityMaskOptions): Float32Array {
  const { box, pixelSizeAngstrom } = volume;
  const { level, lowPassAngstrom = 0 } = options;
  const extend = (options.extendAngstrom ?? 3 * pixelSizeAngstrom) / pixelSizeAngstrom;
  const edge = (options.edgeAngstrom ?? 6 * pixelSizeAngstrom) / pixelSizeAngstrom;
  check(extend >= 0 && edge >= 0, "extendAngstrom, edgeAngstrom", "lengths", `${extend}, ${edge} voxels`);
  const { values } = lowPassAngstrom > 0 ? lowPassFiltered(volume, lowPassAngstrom) : volume;
  const seed = Uint8Array.from(values, (v) => (v >= level ? 1 : 0));
  const advice = "lower the level";
  check(seed.includes(1), "level", "a density that some voxels exceed", level, advice);
  const inside = squaredDistances(seed, box).map((square) => (square === 0 || square < extend * extend ? 1 : 0));
  return Float32Array.from(squaredDistances(inside, box), (square) => softEdge(Math.sqrt(square), edge));
}

/** 1 up to the edge, ½ + ½ cos over it, 0 beyond. */
function softEdge(beyond: number, edge: number): number {
  if (beyond <= 0) return 1;
  return beyond < edge ? 0.5 + 0.5 * Math.cos((Math.PI * beyond) / edge) : 0;
}

/**
 * @file Where the density of a map lies: its centre of mass, and how far it reaches from there.
 *
 * Of the densities more than two standard deviations above the mean, so that weak noise around the particle has no say; low-pass
 * a noisy map first.
 */
import type { Volume } from "../core/types.js";

export interface ParticleExtent {
  /** (x, y, z), voxels from the centre of the box. */
  readonly centre: readonly [x: number, y: number, z: number];
  /** Distance from `centre` within which 95 % of that density lies, voxels; 0 for a map without any. */
  readonly radius: number;
}

const WITHIN = 0.95;

export function particleExtent({ values, box }: Volume): ParticleExtent {
  const n = values.length;
  const mean = values.reduce((sum, v) => sum + v / n, 0);
  const level = mean + 2 * Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2 / n, 0));
  const dense: { readonly weight: number; readonly at: readonly [number, number, number] }[] = [];
  for (let z = 0, i = 0; z < box; z++)
    for (let y = 0; y < box; y++)
      for (let x = 0; x < box; x++, i++)
        if (values[i]! > level) dense.push({ weight: values[i]! - level, at: [x - box / 2, y - box / 2, z - box / 2] });
  const total = dense.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return { centre: [0, 0, 0], radius: 0 };
  const along = (axis: 0 | 1 | 2): number => dense.reduce((sum, { weight, at }) => sum + weight * at[axis], 0) / total;
  const centre = [along(0), along(1), along(2)] as const;
  const byRadius = dense
    .map(({ weight, at }) => ({ weight, radius: Math.hypot(...at.map((p, axis) => p - centre[axis]!)) }))
    .sort((a, b) => a.radius - b.radius);
  let sum = 0;
  const edge = byRadius.find(({ weight }) => {
    sum += weight;
    return sum >= WITHIN * total;
  });
  return { centre, radius: edge?.radius ?? 0 };
}

/** @file A map of Gaussian beads: its rotated, shifted and mirrored versions are known exactly, without interpolation. */
import type { Volume } from "../../../src/core/types.js";

/** x, y, z in voxels from the centre of the box. */
export type Bead = readonly [number, number, number];

/** An asymmetric, chiral arrangement within 12 voxels of the centre. */
export const chiralBeads: readonly Bead[] = [
  [0, 0, 0],
  [6, 1, 0],
  [9, 4, 3],
  [-3, 7, 2],
  [-5, -6, 6],
  [2, -4, -8],
  [-9, 1, -4],
  [1, 9, 6],
];

/** Density Σ exp(−|x − bead|² / 2σ²): Float32[box box box]. */
export function beadMap(beads: readonly Bead[], box: number, pixelSizeAngstrom: number, sigma = 2): Volume {
  const values = new Float32Array(box ** 3);
  for (const bead of beads) {
    const [gx, gy, gz] = bead.map((p) =>
      Float64Array.from({ length: box }, (_, i) => Math.exp(-((i - box / 2 - p) ** 2) / (2 * sigma * sigma))),
    ) as [Float64Array, Float64Array, Float64Array];
    for (let z = 0, at = 0; z < box; z++)
      for (let y = 0; y < box; y++) {
        const w = gz[z]! * gy[y]!;
        for (let x = 0; x < box; x++, at++) values[at]! += w * gx[x]!;
      }
  }
  return { kind: "volume", box, pixelSizeAngstrom, values };
}

/** Beads of V(p) = V₀(Q (p − s)): each bead b goes to Qᵀ b + s. */
export function moveBeads(beads: readonly Bead[], q: readonly number[], s: Bead): Bead[] {
  return beads.map(
    (b) => [0, 1, 2].map((c) => q[c]! * b[0] + q[3 + c]! * b[1] + q[6 + c]! * b[2] + s[c]!) as unknown as Bead,
  );
}

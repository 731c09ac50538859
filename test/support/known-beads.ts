/** @file Bead models whose projections are known in closed form, and a species without symmetry. */
import type { BeadModel, Species } from "../../src/imaging/bead-model.js";

type Vector3 = readonly [number, number, number];

/** Beads at given places, Å, of weight 1. */
export function beadsAt(places: readonly Vector3[], sigmaAngstrom = 6): BeadModel {
  return {
    kind: "bead-model",
    count: places.length,
    positionsAngstrom: Float64Array.from(places.flat()),
    weights: new Float64Array(places.length).fill(1),
    sigmaAngstrom,
  };
}

/** F(k) of one bead of weight 1 at p (x, y), Å, for k in 1/Å; a unitary transform of box² pixels divides by box. */
export function beadTransform(
  k: readonly [number, number],
  p: readonly [number, number],
  sigmaAngstrom: number,
): [re: number, im: number] {
  const size = Math.exp(-2 * Math.PI ** 2 * sigmaAngstrom ** 2 * (k[0] ** 2 + k[1] ** 2));
  const angle = -2 * Math.PI * (k[0] * p[0] + k[1] * p[1]);
  return [size * Math.cos(angle), size * Math.sin(angle)];
}

/** Three domains of unequal size, of which one turns: no symmetry, about 110 Å across. */
export const crab: Species = {
  name: "crab",
  seed: 3,
  domains: [
    { centreAngstrom: [0, 0, 0], semiAxesAngstrom: [40, 30, 26], beads: 40 },
    { centreAngstrom: [48, 14, 6], semiAxesAngstrom: [24, 14, 12], beads: 20 },
    { centreAngstrom: [6, -36, 28], semiAxesAngstrom: [12, 20, 24], beads: 20, moves: true },
  ],
  hinge: { originAngstrom: [0, -20, 10], axis: [1, 0.3, 0], angleDeg: 25 },
};

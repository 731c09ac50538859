/** @file A moving particle as beads, and the contrast that all particles of a mixture are brought to. */
import { seededRandom } from "../../src/core/random.js";
import { randomRotation } from "../../src/geometry/rotation.js";
import { type BeadModel, beadProjection } from "../../src/imaging/bead-model.js";
import { minus, type Vector } from "./vectors.js";

/** The particle at conformation z, −1 to 1. */
export type FlexibleBeads = (z: number) => BeadModel;

/** Beads at `positions`, Å, about `centre`. */
export function beads(
  positions: readonly Vector[],
  centre: Vector,
  weights: Float64Array,
  sigmaAngstrom: number,
): BeadModel {
  const positionsAngstrom = Float64Array.from(positions.flatMap((at) => minus(at, centre)));
  return { kind: "bead-model", count: positions.length, positionsAngstrom, weights, sigmaAngstrom };
}

/** Weights scaled so that projections at the middle conformation have variance 1 over the box on average. */
export function ofUnitVariance(
  model: FlexibleBeads,
  grid: { readonly box: number; readonly pixelSizeAngstrom: number },
): FlexibleBeads {
  const random = seededRandom(5);
  const middle = model(0);
  const views = 12;
  let power = 0;
  for (let view = 0; view < views; view++) {
    const values = beadProjection(middle, grid, { rotation: randomRotation(random), shiftAngstrom: [0, 0] });
    for (let i = 2; i < values.length; i++) power += values[i]! ** 2 / views / grid.box ** 2;
  }
  const factor = 1 / Math.sqrt(power);
  return (z) => {
    const at = model(z);
    return { ...at, weights: at.weights.map((w) => w * factor) };
  };
}

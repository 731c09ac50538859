/** @file The half-plane of a full transform, picked coefficient by coefficient: what transforms by matrix products are held against. */
import type { FourierArray } from "../../src/imaging/fourier.js";
import type { HalfPlane } from "../../src/imaging/half-plane.js";

/** The half-plane's coefficients of a transform of the same or a larger side: Float32[count 2] (re, im). */
export function gatherHalfPlane(transform: FourierArray, plane: HalfPlane): Float32Array {
  const { side, values } = transform;
  const target = new Float32Array(2 * plane.count);
  for (let i = 0; i < plane.count; i++) {
    const at = 2 * (((plane.ky[i]! + side) % side) * side + plane.kx[i]!);
    target[2 * i] = values[at]!;
    target[2 * i + 1] = values[at + 1]!;
  }
  return target;
}

/**
 * @file What is no change of shape: the map's turns, shifts and change of strength, taken out of the modes.
 *
 * A small turn or shift of the whole particle belongs to its pose, and a factor to the image's contrast. To first order
 * they are seven directions in the space of maps: three rotational derivatives (r × ∇)V₀, three translational, V₀ itself.
 * On the Fourier grid: i k V̂₀, and (k × ∇_k) V̂₀ by central differences.
 */
import type { FourierRaster } from "../imaging/fourier-raster.js";

/** `modes` without their parts along the rigid directions of `mean`; rasters of one grid. */
export function withoutRigidParts(mean: FourierRaster, modes: readonly FourierRaster[]): readonly FourierRaster[] {
  const basis = orthonormal(rigidDirections(mean));
  return modes.map((mode) => {
    const values = mode.values.slice();
    for (const direction of basis) subtract(values, direction, innerProduct(values, direction));
    return { ...mode, values };
  });
}

/** Seven: shifts along x, y, z, turns about x, y, z, strength. */
export function rigidDirections(mean: FourierRaster): readonly Float32Array[] {
  const { size, values, radius, oversampling } = mean;
  const middle = (size - 1) / 2;
  const out = Array.from({ length: 6 }, () => new Float32Array(values.length));
  const steps = [2, 2 * size, 2 * size * size];
  const limit = (radius * oversampling) ** 2;
  for (let z = 1; z < size - 1; z++)
    for (let y = 1; y < size - 1; y++)
      for (let x = 1; x < size - 1; x++) {
        const k = [x - middle, y - middle, z - middle] as const;
        if (k[0] ** 2 + k[1] ** 2 + k[2] ** 2 > limit) continue;
        const at = 2 * ((z * size + y) * size + x);
        for (let a = 0; a < 3; a++) {
          out[a]![at] = -k[a]! * values[at + 1]!;
          out[a]![at + 1] = k[a]! * values[at]!;
          const [b, c] = [(a + 1) % 3, (a + 2) % 3];
          for (let part = at; part < at + 2; part++) {
            const alongC = values[part + steps[c]!]! - values[part - steps[c]!]!;
            const alongB = values[part + steps[b]!]! - values[part - steps[b]!]!;
            out[3 + a]![part] = (k[b]! * alongC - k[c]! * alongB) / 2;
          }
        }
      }
  return [...out, values.slice()];
}

/** Gram–Schmidt, twice for accuracy; directions without length are left out. */
function orthonormal(directions: readonly Float32Array[]): readonly Float32Array[] {
  const basis: Float32Array[] = [];
  for (const direction of directions) {
    const values = direction.slice();
    const before = Math.sqrt(innerProduct(values, values));
    for (let round = 0; round < 2; round++)
      for (const other of basis) subtract(values, other, innerProduct(values, other));
    const length = Math.sqrt(innerProduct(values, values));
    if (!(length > 1e-4 * before)) continue;
    for (let i = 0; i < values.length; i++) values[i]! /= length;
    basis.push(values);
  }
  return basis;
}

export function innerProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function subtract(from: Float32Array, what: Float32Array, times: number): void {
  for (let i = 0; i < from.length; i++) from[i]! -= times * what[i]!;
}

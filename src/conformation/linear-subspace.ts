/**
 * @file A species that moves along a few directions: V(z) = V₀ + Σ_j z_j V_j on an oversampled Fourier grid.
 *
 * The mean and its modes lie side by side, so that one look-up reads all of them. Grid, scale and slices are those of
 * imaging/fourier-raster.ts: values[(((z·size + y)·size + x)·(1 + zDim) + mode)·2 + (0 re, 1 im)], mode 0 the mean.
 */
import { check } from "../core/errors.js";
import type { FourierRaster } from "../imaging/fourier-raster.js";

export interface LinearSubspace {
  readonly kind: "linear-subspace";
  readonly zDim: number;
  /** Radius of the ball that is filled, Fourier pixels of the box. */
  readonly radius: number;
  readonly oversampling: number;
  /** Side of the cube, odd. */
  readonly size: number;
  /** Float32[size size size 1+zDim 2] */
  readonly values: Float32Array;
}

/** The mean and its modes, rasters of one grid, in that order. */
export function subspaceOf(rasters: readonly FourierRaster[]): LinearSubspace {
  check(rasters.length > 0, "rasters", "the mean at least", rasters.length);
  const { radius, oversampling, size } = rasters[0]!;
  const modes = rasters.length;
  const values = new Float32Array(2 * modes * size ** 3);
  rasters.forEach((raster, u) => {
    check(raster.size === size, "rasters", `rasters of side ${size}`, raster.size);
    for (let cell = 0; cell < size ** 3; cell++) {
      values[2 * (cell * modes + u)] = raster.values[2 * cell]!;
      values[2 * (cell * modes + u) + 1] = raster.values[2 * cell + 1]!;
    }
  });
  return { kind: "linear-subspace", zDim: modes - 1, radius, oversampling, size, values };
}

/** The mean and its modes apart, in that order. */
export function rastersOf({ values, size, radius, oversampling, zDim }: LinearSubspace): FourierRaster[] {
  return Array.from({ length: 1 + zDim }, (_, u) => {
    const own = new Float32Array(2 * size ** 3);
    for (let cell = 0; cell < size ** 3; cell++) {
      const at = 2 * (cell * (1 + zDim) + u);
      own[2 * cell] = values[at]!;
      own[2 * cell + 1] = values[at + 1]!;
    }
    return { kind: "fourier-raster", radius, oversampling, size, values: own };
  });
}

/** V(z), alone. */
export function rasterAtLatent(subspace: LinearSubspace, z: ArrayLike<number>): FourierRaster {
  const { values, size, radius, oversampling, zDim } = subspace;
  check(z.length === zDim, "z", `${zDim} numbers`, z.length);
  const weights = [1, ...Array.from(z)];
  const out = new Float32Array(2 * size ** 3);
  for (let cell = 0, at = 0; cell < size ** 3; cell++)
    for (const weight of weights) {
      out[2 * cell]! += weight * values[at]!;
      out[2 * cell + 1]! += weight * values[at + 1]!;
      at += 2;
    }
  return { kind: "fourier-raster", radius, oversampling, size, values: out };
}

/** The same with further modes that are 0 everywhere, `zDim` in all. */
export function withIdleModes(subspace: LinearSubspace, zDim: number): LinearSubspace {
  check(zDim >= subspace.zDim, "zDim", `at least ${subspace.zDim}`, zDim);
  const { values, size } = subspace;
  const [before, after] = [2 * (1 + subspace.zDim), 2 * (1 + zDim)];
  const out = new Float32Array(after * size ** 3);
  for (let cell = 0; cell < size ** 3; cell++)
    out.set(values.subarray(cell * before, (cell + 1) * before), cell * after);
  return { ...subspace, zDim, values: out };
}

/** The mean and the modes `which` (0-based), in that order. */
export function withModes(subspace: LinearSubspace, which: readonly number[]): LinearSubspace {
  const { values, size, zDim } = subspace;
  const kept = [0, ...which.map((j) => j + 1)];
  const out = new Float32Array(2 * kept.length * size ** 3);
  for (let cell = 0, to = 0; cell < size ** 3; cell++)
    for (const u of kept) {
      const from = 2 * (cell * (1 + zDim) + u);
      out[to++] = values[from]!;
      out[to++] = values[from + 1]!;
    }
  return { ...subspace, zDim: which.length, values: out };
}

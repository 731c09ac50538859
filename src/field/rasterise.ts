/**
 * @file A field on a grid: evaluated once on an oversampled Fourier lattice, so that slices are look-ups.
 *
 * The lattice is a cube of odd `size`, step 1/(box · oversampling) cycles per pixel, DC in the middle. Every point
 * that trilinear interpolation inside the ball |k| ≤ radius can touch is evaluated; the rest is 0.
 */
import { check } from "../core/errors.js";
import { type FourierRaster, rasterSize } from "../imaging/fourier-raster.js";
import { correctGridding } from "../imaging/gridding.js";
import type { FieldEvaluator } from "./evaluator.js";
import type { Field } from "./field.js";

export interface RasterOptions {
  /** Side of the images that the frequencies refer to, pixels. */
  readonly box: number;
  /** Fourier pixels of that box. */
  readonly radius: number;
  /** @default 2 */
  readonly oversampling?: number;
  /** Float32[zDim] */
  readonly z: Float32Array;
  /** Gain at |k| = 0, 1, 2 … Fourier pixels, linear between, constant beyond the last. @default 1 */
  readonly envelope?: Float32Array;
  /** Raise the values so that slices, not lattice points, have the field's amplitude (imaging/gridding.ts). @default false */
  readonly forSlices?: boolean;
}

export async function rasterise(
  evaluator: FieldEvaluator,
  field: Field,
  options: RasterOptions,
): Promise<FourierRaster> {
  const { box, radius, oversampling = 2, z, envelope, forSlices = false } = options;
  check(radius > 0 && radius <= box / 2, "radius", `a radius in (0, ${box / 2}] Fourier pixels`, radius);
  check(Number.isInteger(oversampling) && oversampling > 0, "oversampling", "a positive integer", oversampling);
  check(z.length === field.config.zDim, "z", `${field.config.zDim} numbers`, z.length);
  // The filter looks one point further.
  const { size, places, k } = lattice(box, forSlices ? radius + 1 / oversampling : radius, oversampling);
  const f = await evaluator.values(field, k, z);
  if (envelope !== undefined) applyEnvelope(f, k, box, envelope);

  // Places run through the lattice in order, and the lattice is symmetric: the mirror of the i-th is the i-th from the end.
  const values = new Float32Array(2 * size ** 3);
  for (let i = 0, j = f.length - 1; i < f.length; i++, j--) {
    values[2 * places[i]!] = (f[i]! + f[j]!) / 2;
    values[2 * places[i]! + 1] = (f[j]! - f[i]!) / 2;
  }
  const raster: FourierRaster = { kind: "fourier-raster", radius, oversampling, size, values };
  if (forSlices) correctGridding(raster);
  return raster;
}

interface Lattice {
  readonly size: number;
  /** Int32[n], row-major places in the cube. */
  readonly places: Int32Array;
  /** Float32[n 3], (x, y, z), cycles per pixel. */
  readonly k: Float32Array;
}

let latest: (Lattice & { readonly key: string }) | undefined;

/** The lattice points whose cells touch the ball. The last one asked for is kept: the same is wanted again and again. */
function lattice(box: number, radius: number, oversampling: number): Lattice {
  const key = `${box} ${radius} ${oversampling}`;
  if (latest?.key === key) return latest;
  const reach = radius * oversampling;
  const size = rasterSize(radius, oversampling);
  const half = (size - 1) / 2;
  const step = 1 / (box * oversampling);
  const places: number[] = [];
  const k: number[] = [];
  // Distance along one axis from the origin to the nearest point of the cells around coordinate c.
  const nearest = (c: number): number => Math.max(0, Math.abs(c) - 1);
  for (let z = -half, place = 0; z <= half; z++)
    for (let y = -half; y <= half; y++)
      for (let x = -half; x <= half; x++, place++) {
        if (nearest(x) ** 2 + nearest(y) ** 2 + nearest(z) ** 2 > reach * reach) continue;
        places.push(place);
        k.push(x * step, y * step, z * step);
      }
  latest = { key, size, places: Int32Array.from(places), k: Float32Array.from(k) };
  return latest;
}

function applyEnvelope(f: Float32Array, k: Float32Array, box: number, envelope: Float32Array): void {
  const last = envelope.length - 1;
  check(last >= 0, "envelope", "at least one gain", envelope.length);
  for (let i = 0; i < f.length; i++) {
    const shell = Math.min(last, box * Math.hypot(k[3 * i]!, k[3 * i + 1]!, k[3 * i + 2]!));
    const below = Math.min(last, Math.floor(shell));
    const above = Math.min(last, below + 1);
    f[i]! *= envelope[below]! + (shell - below) * (envelope[above]! - envelope[below]!);
  }
}

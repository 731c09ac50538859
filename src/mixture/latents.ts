/**
 * @file Conformations by maximum a posteriori inference, given the pose (design 6.5).
 *
 * Between its anchors a class is taken as linear in z, S(z) = S₀ + Σ_j z_j D_j, with slices S₀ and D_j of rasters.
 * With a standard-normal prior and the whitened, centred image y the maximum has a closed form:
 *
 *     H_jl = Σ C² Re(D̄_j D_l)      b_j = Σ C Re(D̄_j (y − C S₀))      z = (1 + H)⁻¹ b
 *
 * (1 + H)⁻¹ is z's posterior covariance. A second round takes each D_j from the side where z_j lies, so that motion
 * which is not linear is followed. Slices are look-ups: no network is evaluated for an image.
 */
import { Matrix, solve } from "ml-matrix";
import { type FourierRaster, sliceInto } from "../imaging/fourier-raster.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { POSE_STRIDE } from "../pose/pose-row.js";

/** Estimates are kept within ± this on every axis. */
const REACH = 2.5;

/** Images of one class with their poses, and their conformations, which are changed in place. */
export interface FlexingImages {
  readonly images: readonly number[];
  /** Float32[images 9], pose rows. */
  readonly poses: Float32Array;
  /** Float32[images zDim] */
  readonly z: Float32Array;
}

/** The most probable conformation of every image, in place. `rasters` are the class's, in the order of `anchors`. */
export function updateLatents(
  reader: PreparedReader,
  rasters: readonly FourierRaster[],
  flexing: FlexingImages,
  radius: number,
): void {
  const { plane } = reader;
  const points = reader.points(radius);
  const zDim = (rasters.length - 1) / 2;
  const image = new Float32Array(2 * points);
  const contrast = new Float32Array(points);
  const slices = rasters.map(() => new Float32Array(2 * points));
  for (let i = 0; i < flexing.images.length; i++) {
    const at = i * POSE_STRIDE;
    reader.readRow(flexing.images[i]!, image);
    reader.readContrast(flexing.images[i]!, contrast);
    rasters.forEach((raster, a) => {
      sliceInto(slices[a]!, raster, flexing.poses, at, plane.kx, plane.ky, points);
    });
    // y − C·S₀, times C: what the slopes are compared with.
    const step = (2 * Math.PI) / plane.box;
    for (let p = 0; p < points; p++) {
      const angle = step * (plane.kx[p]! * flexing.poses[at + 6]! + plane.ky[p]! * flexing.poses[at + 7]!);
      const [c, s, g] = [Math.cos(angle), Math.sin(angle), contrast[p]!];
      const [re, im] = [image[2 * p]!, image[2 * p + 1]!];
      image[2 * p] = g * (re * c - im * s - g * slices[0]![2 * p]!);
      image[2 * p + 1] = g * (re * s + im * c - g * slices[0]![2 * p + 1]!);
    }
    const z = flexing.z.subarray(i * zDim, (i + 1) * zDim);
    const linear = solveLatents(slices, image, contrast, zDim, () => "both");
    z.set(solveLatents(slices, image, contrast, zDim, (j) => (linear[j]! > 0 ? "plus" : "minus")));
    for (let j = 0; j < zDim; j++) z[j] = Math.max(-REACH, Math.min(REACH, z[j]!));
  }
}

/** (1 + H)⁻¹ b with the slope of axis j from its plus side, its minus side, or across. */
function solveLatents(
  slices: readonly Float32Array[],
  misfit: Float32Array,
  contrast: Float32Array,
  zDim: number,
  side: (j: number) => "both" | "plus" | "minus",
): Float64Array {
  const slopes = Array.from({ length: zDim }, (_, j) => {
    const [rest, plus, minus] = [slices[0]!, slices[1 + 2 * j]!, slices[2 + 2 * j]!];
    const from = side(j);
    if (from === "plus") return plus.map((v, q) => v - rest[q]!);
    if (from === "minus") return rest.map((v, q) => v - minus[q]!);
    return plus.map((v, q) => (v - minus[q]!) / 2);
  });
  const H = Matrix.eye(zDim);
  const b = Matrix.zeros(zDim, 1);
  for (let u = 0; u < zDim; u++) {
    const D = slopes[u]!;
    let sum = 0;
    for (let q = 0; q < misfit.length; q++) sum += D[q]! * misfit[q]!;
    b.set(u, 0, sum);
    for (let v = 0; v <= u; v++) {
      const E = slopes[v]!;
      let h = u === v ? 1 : 0;
      for (let p = 0; p < contrast.length; p++)
        h += contrast[p]! ** 2 * (D[2 * p]! * E[2 * p]! + D[2 * p + 1]! * E[2 * p + 1]!);
      H.set(u, v, h);
      H.set(v, u, h);
    }
  }
  return Float64Array.from(solve(H, b).to1DArray());
}

/** Anchors where fields are rasterised: 0, then +1 and −1 on each axis, in standard deviations. */
export function anchors(zDim: number): readonly Float32Array[] {
  const out = [new Float32Array(zDim)];
  for (let j = 0; j < zDim; j++)
    for (const a of [1, -1]) out.push(Float32Array.from({ length: zDim }, (_, i) => (i === j ? a : 0)));
  return out;
}

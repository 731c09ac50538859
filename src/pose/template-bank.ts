/**
 * @file Slices of one raster at every rotation of a grid, laid out for two matrix products.
 *
 * With y = C·x shifted by t, the log-likelihood of rotation r is, up to ½‖x‖²,
 *
 *     score(r, t) = ⟨y_t, S_r⟩ − ½ ⟨C², |S_r|²⟩
 *
 * so templates depend on the volume alone and serve every image (methods 8.2).
 */
import type { Rotations } from "../core/types.js";
import { type FourierRaster, sliceInto } from "../imaging/fourier-raster.js";
import type { HalfPlane } from "../imaging/half-plane.js";

export interface TemplateBank {
  readonly kind: "template-bank";
  readonly points: number;
  readonly count: number;
  /** Float32[2·points count]: row 2p is Re, row 2p + 1 is Im of point p. */
  readonly slices: Float32Array;
  /** Float32[points count]: |S|². */
  readonly power: Float32Array;
}

/** A bank of zeros, to be filled by `fillTemplateBank`. */
export function emptyTemplateBank(points: number, count: number): TemplateBank {
  const slices = new Float32Array(2 * points * count);
  return { kind: "template-bank", points, count, slices, power: new Float32Array(points * count) };
}

/** Fill `bank` with the slices of `raster` at `rotations`. */
export function fillTemplateBank(
  bank: TemplateBank,
  raster: FourierRaster,
  rotations: Rotations,
  plane: HalfPlane,
): void {
  const { points, count, slices, power } = bank;
  const slice = new Float32Array(2 * points);
  for (let r = 0; r < count; r++) {
    sliceInto(slice, raster, rotations.matrices, 9 * r, plane.kx, plane.ky, points);
    for (let p = 0; p < points; p++) {
      const re = slice[2 * p]!;
      const im = slice[2 * p + 1]!;
      slices[2 * p * count + r] = re;
      slices[(2 * p + 1) * count + r] = im;
      power[p * count + r] = re * re + im * im;
    }
  }
}

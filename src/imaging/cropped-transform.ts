/**
 * @file The half-plane of many images at once, as two matrix products per image instead of an FFT of all of it.
 *
 *     F(k) = (a / L) Σ_y e^(−iθ ky (y − n/2)) Σ_x I(x, y) e^(−iθ kx (x − n/2)),   θ = 2π a / L,   L = box · pixel of `plane`
 *
 * n and a: side and pixel of the image. With n a = L this is the unitary transform of fourier.ts at the points of the
 * plane; images of another pixel or side come out at the same frequencies k / L, with no interpolation, if they are 0
 * outside a circle of diameter L. The product keeps kx ≥ 0 and ky ≥ 0 in cosines and sines; ky < 0 follows from parity.
 * Most coefficients of a large image are never wanted, which is why this beats an FFT up to a working box of about 256.
 */
import * as tf from "@tensorflow/tfjs";
import { check } from "../core/errors.js";
import type { ImageGrid } from "../core/types.js";
import type { HalfPlane } from "./half-plane.js";

export interface CroppedTransform {
  /** Numbers of one image's products. */
  readonly size: number;
  /** Program: [images, n n] → [images, side, side], side² = `size`. Linear. */
  products(images: tf.Tensor2D): tf.Tensor3D;
  /** The coefficients in `products` of image `i`: Float32[plane.count 2] (re, im) into `out` from `at` on, times `gain`. */
  gather(products: Float32Array, i: number, out: Float32Array, at: number, gain?: Float32Array): void;
}

/** The transform of images of `grid` to the points of `plane`, whose pixel size is `pixelSizeAngstrom`. */
export function croppedTransform(grid: ImageGrid, plane: HalfPlane, pixelSizeAngstrom: number): CroppedTransform {
  const { box: n, pixelSizeAngstrom: a } = grid;
  const length = plane.box * pixelSizeAngstrom;
  const reach = Math.floor(plane.radius);
  check(
    (reach * a) / length <= 0.5,
    "box",
    `frequencies below the Nyquist limit of ${a} Å pixels`,
    `${length / reach} Å`,
  );
  const rows = reach + 1;
  const side = 2 * rows;
  const wave = (of: (angle: number) => number, scale: number): number[][] =>
    Array.from({ length: rows }, (_, k) =>
      Array.from({ length: n }, (_, x) => scale * of((2 * Math.PI * k * (x - n / 2) * a) / length)),
    );
  // Cosines, then sines: [n, side] from the right, [side, n] from the left.
  const alongX = [...wave(Math.cos, 1), ...wave(Math.sin, 1)];
  const alongY = [...wave(Math.cos, a / length), ...wave(Math.sin, a / length)];
  return {
    size: side * side,
    products(images) {
      const count = images.shape[0];
      const right = tf.transpose(tf.tensor2d(alongX, [side, n]));
      const left = tf.tensor3d([alongY], [1, side, n]);
      const alongRows = tf.matMul(tf.reshape(images, [count * n, n]), right);
      return tf.matMul(tf.tile(left, [count, 1, 1]), tf.reshape(alongRows, [count, n, side]));
    },
    gather(products, i, out, at, gain) {
      const { kx, ky, count } = plane;
      const from = i * side * side;
      for (let p = 0, q = at; p < count; p++, q += 2) {
        const y = ky[p]!;
        const cos = from + Math.abs(y) * side + kx[p]!; // cos ky · cos kx
        const sin = cos + rows * side; // sin |ky| · cos kx
        const sign = y < 0 ? -1 : 1;
        const g = gain === undefined ? 1 : gain[p]!;
        out[q] = g * (products[cos]! - sign * products[sin + rows]!);
        out[q + 1] = -g * (products[cos + rows]! + sign * products[sin]!);
      }
    },
  };
}

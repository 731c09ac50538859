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
import { type Compiled, compile } from "../engine/compile.js";
import type { HalfPlane } from "./half-plane.js";

export interface CroppedTransform {
  /** Images per call. */
  readonly batch: number;
  /** Float32[batch n n] to be filled before `run`. */
  readonly images: Float32Array;
  /** Transform what is in `images`. */
  run(): Promise<void>;
  /** The coefficients of image `i` of the last run: Float32[plane.count 2] (re, im) into `out` from `at` on. */
  gather(i: number, out: Float32Array, at: number): void;
  dispose(): Promise<void>;
}

/** Compile the transform of images of `grid` to the points of `plane`, whose pixel size is `pixelSizeAngstrom`. */
export async function croppedTransform(
  grid: ImageGrid,
  plane: HalfPlane,
  pixelSizeAngstrom: number,
  options: { readonly batch: number; readonly threads: number },
): Promise<CroppedTransform> {
  const { batch, threads } = options;
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
  const wave = (of: (angle: number) => number, scale: number): number[][] =>
    Array.from({ length: rows }, (_, k) =>
      Array.from({ length: n }, (_, x) => scale * of((2 * Math.PI * k * (x - n / 2) * a) / length)),
    );
  // Cosines, then sines: [n, 2 rows] from the right, [2 rows, n] from the left.
  const alongX = [...wave(Math.cos, 1), ...wave(Math.sin, 1)];
  const alongY = [...wave(Math.cos, a / length), ...wave(Math.sin, a / length)];
  const program: Compiled = await compile(
    ({ images }) => {
      const right = tf.transpose(tf.tensor2d(alongX, [2 * rows, n]));
      const left = tf.tensor3d([alongY], [1, 2 * rows, n]);
      const product = tf.reshape(tf.matMul(images!, right), [batch, n, 2 * rows]);
      return { out: tf.matMul(tf.tile(left, [batch, 1, 1]), product) };
    },
    { images: [batch * n, n] },
    { threads, name: "cropped transform" },
  );
  const images = new Float32Array(batch * n * n);
  const out = new Float32Array(batch * 4 * rows * rows);
  return {
    batch,
    images,
    run: async () => {
      await program.run({ images }, { out });
    },
    gather(i, into, at) {
      const { kx, ky, count } = plane;
      const side = 2 * rows;
      const from = i * side * side;
      for (let p = 0, q = at; p < count; p++, q += 2) {
        const y = ky[p]!;
        const cos = from + Math.abs(y) * side + kx[p]!; // cos ky · cos kx
        const sin = cos + rows * side; // sin |ky| · cos kx
        const sign = y < 0 ? -1 : 1;
        into[q] = out[cos]! - sign * out[sin + rows]!;
        into[q + 1] = -out[cos + rows]! - sign * out[sin]!;
      }
    },
    dispose: program.dispose,
  };
}

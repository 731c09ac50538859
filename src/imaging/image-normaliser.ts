/**
 * @file An image made ready for its transform: background of mean 0 and standard deviation 1, then a weight per pixel.
 *
 * The weights are the soft window (what is kept), or the background's mask (what the noise is measured on). Both are
 * circles in Å, the same for images of every grid.
 */
import * as tf from "@tensorflow/tfjs";
import type { ImageGrid } from "../core/types.js";
import { backgroundMask } from "./noise-spectrum.js";

export interface ImageWeights {
  /** Float32[box box]: 1 inside, 0 outside, a ramp between. */
  readonly window: Float32Array;
  /** Float32[box box]: 1 in the background, 0 in the particle's circle. */
  readonly mask: Float32Array;
}

/** The window falls from 1 to 0 between these fractions of half the length. */
const WINDOW = [0.85, 0.99] as const;

/** For images of `grid`, a window that ends within `lengthAngstrom`, and a particle of `diameterAngstrom`. */
export function imageWeights(grid: ImageGrid, lengthAngstrom: number, diameterAngstrom: number): ImageWeights {
  const { box, pixelSizeAngstrom } = grid;
  const window = softWindow(box, lengthAngstrom / 2 / pixelSizeAngstrom);
  const mask = backgroundMask(box, diameterAngstrom / 2 / pixelSizeAngstrom);
  return { window, mask };
}

/** What `normalised` makes of images. */
export interface Normalised {
  /** [batch, 1]: of the background's pixels. Not finite where any pixel of the image is not. */
  readonly mean: tf.Tensor2D;
  readonly deviation: tf.Tensor2D;
  /** `linear` of (image − mean) / deviation · weights. */
  readonly result: tf.Tensor3D;
}

/**
 * Program: images [batch, pixels], normalised on the background `mask`, times `weights`, through `linear`.
 *
 * The background's mean is taken off the result, where there is less of it, and the first row's off the pixels, so that
 * images far from 0 lose no digits.
 */
export function normalised(
  images: tf.Tensor2D,
  { mask, weights }: { readonly mask: Float32Array; readonly weights: Float32Array },
  linear: (images: tf.Tensor2D) => tf.Tensor3D,
): Normalised {
  const [batch, pixels] = images.shape;
  const kept = mask.reduce((sum, m) => sum + m, 0);
  const rough: tf.Tensor2D = tf.mean(tf.slice(images, [0, 0], [batch, Math.sqrt(pixels)]), 1, true);
  const level = tf.sub(images, rough);
  const background = tf.mul(level, tf.tensor1d(mask));
  const mean: tf.Tensor2D = tf.div(tf.sum(background, 1, true), kept);
  const square = tf.div(tf.sum(tf.square(background), 1, true), kept);
  const deviation = tf.sqrt(tf.relu(tf.sub<tf.Tensor2D>(square, tf.square(mean))));
  const perImage = (x: tf.Tensor2D): tf.Tensor3D => tf.reshape(x, [batch, 1, 1]);
  const flat = linear(tf.tensor2d(weights, [1, pixels]));
  const raw = tf.sub(linear(tf.mul(level, tf.tensor1d(weights))), tf.mul(perImage(mean), flat));
  return { mean: tf.add(rough, mean), deviation, result: tf.div(raw, perImage(deviation)) };
}

/** Why an image of these moments cannot be used; undefined when it can. */
export function unfitness(mean: number, deviation: number): string | undefined {
  if (!Number.isFinite(mean)) return "NaN or infinite pixels";
  // Rounding gives a constant image of value v a deviation of about 1e-8 v.
  if (!(deviation > 1e-6 * Math.abs(mean))) return "the same value in every background pixel";
  return undefined;
}

/** A linear ramp from 1 to 0 at the edge of a circle of `radius` pixels (methods 1.1): Float32[box box]. */
function softWindow(box: number, radius: number): Float32Array {
  const window = new Float32Array(box * box);
  for (let y = 0, i = 0; y < box; y++)
    for (let x = 0; x < box; x++, i++) {
      const r = Math.hypot(x - box / 2, y - box / 2) / radius;
      window[i] = Math.max(0, Math.min(1, 1 - (r - WINDOW[0]) / (WINDOW[1] - WINDOW[0])));
    }
  return window;
}

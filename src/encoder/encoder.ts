/**
 * @file The encoder's network: an image → species, poses, shift and conformation in one pass (cryoFIRE, Levy et al. 2022).
 *
 *     stem   conv, stride inputBox/16, ReLU          → 16×16×w
 *     1      [conv 3×3, ReLU], average 2             →  8×8×w
 *     2      [conv 3×3, group norm, ReLU] ×2, average 2 → 4×4×2w
 *     3      [conv 3×3, group norm, ReLU]            →  4×4×4w
 *     dense  ReLU → hidden → one linear layer for all heads
 *
 * Departures from the published network (methods.md 3.1: six levels to 1,024 channels on the whole image): the input is
 * band-limited, so three levels see all of it; each species has several rotation heads, of which the best one learns
 * (a single head averages over poses that look alike, methods.md 8.6), and a logit that says which head to believe.
 */
import * as tf from "@tensorflow/tfjs";
import { check } from "../core/errors.js";
import type { Random } from "../core/random.js";
import type { Shapes } from "../engine/compile.js";
import { rotationRows } from "../geometry/six-numbers.js";

export interface EncoderConfig {
  /** Side of the input image, pixels; a multiple of 16. */
  readonly inputBox: number;
  /** w, channels of the first level; a multiple of 8. */
  readonly width: number;
  /** Units of the dense layer. */
  readonly hidden: number;
  /** K, species. */
  readonly classes: number;
  /** Length of the conformation; 0: rigid. */
  readonly zDim: number;
  /** M, rotation heads of every species. */
  readonly poseHeads: number;
}

export interface EncoderNetwork {
  readonly kind: "encoder-network";
  readonly config: EncoderConfig;
  /** Row-major arrays of the shapes `encoderShapes` gives, trained in place. */
  readonly weights: Record<string, Float32Array>;
}

/** Sizes of network; multiply-adds per image: 4, 9 and 34 million. */
export const encoderPresets: Readonly<Record<"small" | "medium" | "large", Pick<EncoderConfig, "width" | "hidden">>> = {
  small: { width: 24, hidden: 192 },
  medium: { width: 32, hidden: 384 },
  large: { width: 64, hidden: 768 },
};

/** What the network says of B images. */
export interface EncoderTensors {
  /** [B K M 6]: rows 0 and 1 of each rotation, orthonormal. */
  readonly rotations: tf.Tensor4D;
  /** [B K M]: which head to believe, log-odds. */
  readonly headLogits: tf.Tensor3D;
  /** [B 2]: displacement of the particle, input pixels. */
  readonly shift: tf.Tensor2D;
  /** [B K] */
  readonly classLogits: tf.Tensor2D;
  /** [B K zDim] */
  readonly zMean: tf.Tensor3D;
  /** [B K zDim], within ±10. */
  readonly zLogVariance: tf.Tensor3D;
}

/** Side of the feature map after the stem. */
const STEM_SIDE = 16;
const LAST_SIDE = 4;
const GROUP_CHANNELS = 8;
/** Pixels per unit of the shift output, so that outputs of size 1 are usual. */
const SHIFT_UNIT = 2;

/** Convolutions after the stem: name, channels in and out in units of w, normalised or not. */
const LEVELS = [
  { name: "level1.a", from: 1, to: 1, norm: false, pool: true },
  { name: "level2.a", from: 1, to: 2, norm: true, pool: false },
  { name: "level2.b", from: 2, to: 2, norm: true, pool: true },
  { name: "level3.a", from: 2, to: 4, norm: true, pool: false },
] as const;

/** Where each head's numbers lie in a row of the last layer. */
export function headLayout({ classes: K, zDim, poseHeads: M }: EncoderConfig): {
  readonly rotations: number;
  readonly headLogits: number;
  readonly shift: number;
  readonly classLogits: number;
  readonly zMean: number;
  readonly zLogVariance: number;
  readonly total: number;
} {
  const headLogits = 6 * K * M;
  const shift = headLogits + K * M;
  const classLogits = shift + 2;
  const zMean = classLogits + K;
  const zLogVariance = zMean + K * zDim;
  return { rotations: 0, headLogits, shift, classLogits, zMean, zLogVariance, total: zLogVariance + K * zDim };
}

/** Shape of every weight. */
export function encoderShapes(config: EncoderConfig): Shapes {
  const { inputBox, width, hidden } = config;
  const side = stemKernel(inputBox);
  const shapes: Record<string, readonly number[]> = { "stem.weight": [side, side, 1, width], "stem.bias": [width] };
  for (const { name, from, to, norm } of LEVELS) {
    shapes[`${name}.weight`] = [3, 3, from * width, to * width];
    if (norm) shapes[`${name}.scale`] = [to * width];
    shapes[`${name}.bias`] = [to * width];
  }
  shapes["dense.weight"] = [LAST_SIDE * LAST_SIDE * 4 * width, hidden];
  shapes["dense.bias"] = [hidden];
  const { total } = headLayout(config);
  return { ...shapes, "heads.weight": [hidden, total], "heads.bias": [total] };
}

/** A random network: He's normal weights; rotation heads start spread over all rotations. */
export function initialiseEncoder(config: EncoderConfig, random: Random): EncoderNetwork {
  checkConfig(config);
  const weights: Record<string, Float32Array> = {};
  for (const [name, shape] of Object.entries(encoderShapes(config))) {
    const array = new Float32Array(shape.reduce((a, b) => a * b, 1));
    const fanIn = array.length / shape.at(-1)!;
    if (name.endsWith(".scale")) array.fill(1);
    else if (name === "heads.weight") fill(array, 0.5 / Math.sqrt(fanIn), random);
    else if (name.endsWith(".weight")) fill(array, Math.sqrt(2 / fanIn), random);
    weights[name] = array;
  }
  // Two random vectors per head are a uniformly random rotation (six-numbers.ts).
  fill(weights["heads.bias"]!.subarray(0, headLayout(config).headLogits), 0.7, random);
  return { kind: "encoder-network", config, weights };
}

/** Images Float32[B S S 1] → heads. */
export function encode(
  config: EncoderConfig,
  images: tf.Tensor4D,
  weights: Readonly<Record<string, tf.Tensor>>,
): EncoderTensors {
  const stride = config.inputBox / STEM_SIDE;
  let h = tf.relu(
    tf.add(tf.conv2d(images, weights["stem.weight"] as tf.Tensor4D, stride, "same"), weights["stem.bias"]!),
  ) as tf.Tensor4D;
  for (const { name, norm, pool } of LEVELS) {
    h = tf.conv2d(h, weights[`${name}.weight`] as tf.Tensor4D, 1, "same");
    if (norm) h = tf.mul(groupNormalised(h), weights[`${name}.scale`]!);
    h = tf.relu(tf.add(h, weights[`${name}.bias`]!)) as tf.Tensor4D;
    if (pool) h = tf.avgPool(h, 2, 2, "valid");
  }
  const flat = tf.reshape(h, [images.shape[0], -1]);
  const dense = tf.relu(tf.add(tf.matMul(flat, weights["dense.weight"]!), weights["dense.bias"]!));
  return heads(config, tf.add(tf.matMul(dense, weights["heads.weight"]!), weights["heads.bias"]!));
}

function heads(config: EncoderConfig, out: tf.Tensor2D): EncoderTensors {
  const { classes: K, zDim, poseHeads: M } = config;
  const B = out.shape[0];
  const at = headLayout(config);
  const part = (from: number, shape: number[]): tf.Tensor =>
    tf.reshape(tf.slice(out, [0, from], [B, shape.reduce((a, b) => a * b, 1)]), [B, ...shape]);
  const spread = part(at.zLogVariance, [K, zDim]);
  return {
    rotations: tf.reshape(rotationRows(tf.reshape(part(0, [K, M, 6]), [-1, 6])), [B, K, M, 6]) as tf.Tensor4D,
    headLogits: part(at.headLogits, [K, M]) as tf.Tensor3D,
    shift: tf.mul(part(at.shift, [2]), SHIFT_UNIT) as tf.Tensor2D,
    classLogits: part(at.classLogits, [K]) as tf.Tensor2D,
    zMean: part(at.zMean, [K, zDim]) as tf.Tensor3D,
    zLogVariance: tf.mul(tf.tanh(tf.mul(spread, 0.1)), 10) as tf.Tensor3D,
  };
}

/** Mean 0 and variance 1 over the pixels and channels of each group of an image (Wu & He 2018). */
function groupNormalised(x: tf.Tensor4D): tf.Tensor4D {
  const [B, rows, columns, channels] = x.shape;
  const grouped = tf.reshape(x, [B, rows * columns, channels / GROUP_CHANNELS, GROUP_CHANNELS]);
  const centred = tf.sub(grouped, tf.mean(grouped, [1, 3], true));
  const variance = tf.mean(tf.square(centred), [1, 3], true);
  return tf.reshape(tf.div(centred, tf.sqrt(tf.add(variance, 1e-5))), x.shape);
}

/** Odd, and wide enough that neighbouring windows overlap. */
function stemKernel(inputBox: number): number {
  return 2 * (inputBox / STEM_SIDE) + 1;
}

function fill(array: Float32Array, sigma: number, random: Random): void {
  for (let i = 0; i < array.length; i++) array[i] = sigma * random.normal();
}

function checkConfig(config: EncoderConfig): void {
  const { inputBox, width, zDim } = config;
  check(inputBox === 32 || inputBox === 48 || inputBox === 64, "inputBox", "32, 48 or 64 pixels", inputBox);
  check(
    Number.isInteger(width) && width > 0 && width % GROUP_CHANNELS === 0,
    "width",
    `a multiple of ${GROUP_CHANNELS}`,
    width,
  );
  check(Number.isInteger(zDim) && zDim >= 0, "zDim", "an integer of at least 0", zDim);
  for (const name of ["hidden", "classes", "poseHeads"] as const)
    check(Number.isInteger(config[name]) && config[name] > 0, name, "a positive integer", config[name]);
}

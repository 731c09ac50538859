/**
 * @file The encoder's network: an image → species, poses, shift and conformation in one pass (cryoFIRE, Levy et al. 2022),
 * made so that an image turned in its plane gives the same answer, turned.
 *
 *     polar    the image at 48 angles × 14 radii, the radii as channels          48 × 14
 *     ring1    conv 5 along the angle, ReLU                                      48 × 2w
 *     ring2    conv 3, group norm, ReLU, average 3                               16 × 3w
 *     ring3    conv 3, group norm, ReLU                                          16 × 6w
 *     squeeze  ReLU                                                              16 × w
 *     whole    conv 16: all of the ring as seen from each of 16 directions, ReLU 16 × hidden
 *     dense    ReLU → one linear layer for all heads, at each direction          16 × hidden
 *
 * All convolutions go round the ring with the same weights, so what direction a says of an image, direction a + 1 says of
 * the image turned by 22.5°: R_a = Rz(α_a) R′. Only the viewing direction is left to learn.
 *
 * Departures from the published network (methods.md 3.1: six levels to 1,024 channels on the whole image): the ring; each
 * species has several rotation heads, of which the best one learns (a single head averages over poses that look alike,
 * methods.md 8.6), and a logit that says which head to believe.
 */
import * as tf from "@tensorflow/tfjs";
import { check } from "../core/errors.js";
import type { Random } from "../core/random.js";
import type { Shapes } from "../engine/compile.js";
import { rotationRows } from "../geometry/six-numbers.js";
import { polarSamples } from "./polar-samples.js";

export interface EncoderConfig {
  /** Side of the input image, pixels. */
  readonly inputBox: number;
  /** w, unit of the channels; a multiple of 8. */
  readonly width: number;
  /** Units of the dense layers. */
  readonly hidden: number;
  /** K, species. */
  readonly classes: number;
  /** Length of the conformation; 0: rigid. */
  readonly zDim: number;
  /** M, rotation heads of every species: a multiple of the 16 directions. */
  readonly poseHeads: number;
}

export interface EncoderNetwork {
  readonly kind: "encoder-network";
  readonly config: EncoderConfig;
  /** Row-major arrays of the shapes `encoderShapes` gives, trained in place. */
  readonly weights: Record<string, Float32Array>;
}

/** Sizes of network. */
export const encoderPresets: Readonly<Record<"small" | "medium" | "large", Pick<EncoderConfig, "width" | "hidden">>> = {
  small: { width: 32, hidden: 192 },
  medium: { width: 48, hidden: 384 },
  large: { width: 96, hidden: 768 },
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

/** Angles of the ring at first, and directions from which the whole of it is seen in the end. */
const ANGLES = 48;
export const DIRECTIONS = 16;
const RADII = 14;
const GROUP_CHANNELS = 8;
/** Pixels per unit of the shift output, so that outputs of size 1 are usual. */
const SHIFT_UNIT = 2;

/** Convolutions along the ring: channels in units of w (0: the radii), normalised or not, averaged in threes or not. */
const RINGS = [
  { name: "ring1", from: 0, to: 2, taps: 5, norm: false, pool: false },
  { name: "ring2", from: 2, to: 3, taps: 3, norm: true, pool: true },
  { name: "ring3", from: 3, to: 6, taps: 3, norm: true, pool: false },
  { name: "squeeze", from: 6, to: 1, taps: 1, norm: false, pool: false },
] as const;

/** Where each head's numbers lie in a row of the last layer: what one direction says. */
export function headLayout({ classes: K, zDim, poseHeads }: EncoderConfig): {
  readonly rotations: number;
  readonly headLogits: number;
  readonly shift: number;
  readonly classLogits: number;
  readonly zMean: number;
  readonly zLogVariance: number;
  readonly total: number;
} {
  const M = poseHeads / DIRECTIONS;
  const headLogits = 6 * K * M;
  const shift = headLogits + K * M;
  const classLogits = shift + 2;
  const zMean = classLogits + K;
  const zLogVariance = zMean + K * zDim;
  return { rotations: 0, headLogits, shift, classLogits, zMean, zLogVariance, total: zLogVariance + K * zDim };
}

/** Shape of every weight. */
export function encoderShapes(config: EncoderConfig): Shapes {
  const { width, hidden } = config;
  const shapes: Record<string, readonly number[]> = {};
  for (const { name, from, to, taps, norm } of RINGS) {
    shapes[`${name}.weight`] = [taps, 1, from === 0 ? RADII : from * width, to * width];
    if (norm) shapes[`${name}.scale`] = [to * width];
    shapes[`${name}.bias`] = [to * width];
  }
  shapes["whole.weight"] = [DIRECTIONS, 1, width, hidden];
  shapes["whole.bias"] = [hidden];
  shapes["dense.weight"] = [hidden, hidden];
  shapes["dense.bias"] = [hidden];
  const { total } = headLayout(config);
  return { ...shapes, "heads.weight": [hidden, total], "heads.bias": [total] };
}

/** A random network: He's normal weights; rotation heads start at random rotations. */
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
  const B = images.shape[0];
  const { inputBox, hidden } = config;
  const samples = tf.tensor2d(polarSamples(inputBox, ANGLES, RADII), [inputBox ** 2, ANGLES * RADII]);
  let h = tf.reshape(tf.matMul(tf.reshape(images, [B, -1]), samples), [B, ANGLES, 1, RADII]) as tf.Tensor4D;
  for (const { name, taps, norm, pool } of RINGS) {
    h = roundTheRing(h, weights[`${name}.weight`] as tf.Tensor4D, Math.floor(taps / 2), Math.floor(taps / 2));
    if (norm) h = tf.mul(groupNormalised(h), weights[`${name}.scale`]!);
    h = tf.relu(tf.add(h, weights[`${name}.bias`]!)) as tf.Tensor4D;
    if (pool) h = tf.avgPool(h, [ANGLES / DIRECTIONS, 1], [ANGLES / DIRECTIONS, 1], "valid");
  }
  h = roundTheRing(h, weights["whole.weight"] as tf.Tensor4D, 0, DIRECTIONS - 1);
  const whole = tf.relu(tf.add(tf.reshape(h, [B * DIRECTIONS, hidden]), weights["whole.bias"]!));
  const dense = tf.relu(tf.add(tf.matMul(whole as tf.Tensor2D, weights["dense.weight"]!), weights["dense.bias"]!));
  return heads(config, tf.add(tf.matMul(dense, weights["heads.weight"]!), weights["heads.bias"]!));
}

/** Convolution along the ring, which has no ends. */
function roundTheRing(x: tf.Tensor4D, weight: tf.Tensor4D, before: number, after: number): tf.Tensor4D {
  const [B, n, , channels] = x.shape;
  const parts = [x];
  if (before > 0) parts.unshift(tf.slice(x, [0, n - before, 0, 0], [B, before, 1, channels]));
  if (after > 0) parts.push(tf.slice(x, [0, 0, 0, 0], [B, after, 1, channels]));
  return tf.conv2d(parts.length === 1 ? x : tf.concat(parts, 1), weight, 1, "valid");
}

/** Rows of the last layer, one for each image and direction, to what is said of each image. */
function heads(config: EncoderConfig, out: tf.Tensor2D): EncoderTensors {
  const { classes: K, zDim, poseHeads } = config;
  const D = DIRECTIONS;
  const [B, M] = [out.shape[0] / D, poseHeads / D];
  const at = headLayout(config);
  const part = (from: number, shape: number[]): tf.Tensor =>
    tf.reshape(tf.slice(out, [0, from], [B * D, shape.reduce((a, b) => a * b, 1)]), [B, D, ...shape]);
  const rows = tf.reshape(rotationRows(tf.reshape(part(0, [K, M, 6]), [-1, 6])), [B, D, K * M, 2, 3]);
  const rotations = tf.reshape(turned(rows), [B, D, K, M, 6]);
  const headLogits = tf.reshape(tf.transpose(part(at.headLogits, [K, M]), [0, 2, 1, 3]), [B, K, poseHeads]);
  // What a direction says of z counts as much as its poses are believed.
  const believed = tf.reshape(tf.sum(tf.reshape(tf.softmax(headLogits), [B, K, D, M]), 3), [B, K, D, 1]);
  const weighed = (from: number): tf.Tensor =>
    tf.sum(tf.mul(believed, tf.transpose(part(from, [K, zDim]), [0, 2, 1, 3])), 2);
  const shift = tf.mean(turned(tf.reshape(part(at.shift, [2]), [B, D, 1, 2, 1])), 1);
  return {
    rotations: tf.reshape(tf.transpose(rotations, [0, 2, 1, 3, 4]), [B, K, poseHeads, 6]),
    headLogits: headLogits as tf.Tensor3D,
    shift: tf.mul(tf.reshape(shift, [B, 2]), SHIFT_UNIT),
    classLogits: tf.mean(part(at.classLogits, [K]), 1),
    zMean: (zDim === 0 ? tf.zeros([B, K, 0]) : weighed(at.zMean)) as tf.Tensor3D,
    zLogVariance: (zDim === 0
      ? tf.zeros([B, K, 0])
      : tf.mul(tf.tanh(tf.mul(weighed(at.zLogVariance), 0.1)), 10)) as tf.Tensor3D,
  };
}

/** [B D n 2 m]: Rz(α) of direction α = 2π d / D times the pairs along axis 3. */
function turned(pairs: tf.Tensor): tf.Tensor {
  const [B, D, n, , m] = pairs.shape as [number, number, number, number, number];
  const angles = Array.from({ length: D }, (_, d) => (2 * Math.PI * d) / D);
  const of = (f: (angle: number) => number): tf.Tensor => tf.tensor(angles.map(f), [1, D, 1, 1, 1]);
  const [cos, sin] = [of(Math.cos), of(Math.sin)];
  const row = (i: number): tf.Tensor => tf.slice(pairs, [0, 0, 0, i, 0], [B, D, n, 1, m]);
  const [x, y] = [row(0), row(1)];
  return tf.concat([tf.sub(tf.mul(cos, x), tf.mul(sin, y)), tf.add(tf.mul(sin, x), tf.mul(cos, y))], 3);
}

/** Mean 0 and variance 1 over the ring and the channels of each group of an image (Wu & He 2018). */
function groupNormalised(x: tf.Tensor4D): tf.Tensor4D {
  const [B, rows, columns, channels] = x.shape;
  const grouped = tf.reshape(x, [B, rows * columns, channels / GROUP_CHANNELS, GROUP_CHANNELS]);
  const centred = tf.sub(grouped, tf.mean(grouped, [1, 3], true));
  const variance = tf.mean(tf.square(centred), [1, 3], true);
  return tf.reshape(tf.div(centred, tf.sqrt(tf.add(variance, 1e-5))), x.shape);
}

function fill(array: Float32Array, sigma: number, random: Random): void {
  for (let i = 0; i < array.length; i++) array[i] = sigma * random.normal();
}

function checkConfig(config: EncoderConfig): void {
  const { inputBox, width, zDim, poseHeads } = config;
  check(inputBox === 32 || inputBox === 48 || inputBox === 64, "inputBox", "32, 48 or 64 pixels", inputBox);
  check(
    Number.isInteger(width) && width > 0 && width % GROUP_CHANNELS === 0,
    "width",
    `a multiple of ${GROUP_CHANNELS}`,
    width,
  );
  check(Number.isInteger(zDim) && zDim >= 0, "zDim", "an integer of at least 0", zDim);
  for (const name of ["hidden", "classes"] as const)
    check(Number.isInteger(config[name]) && config[name] > 0, name, "a positive integer", config[name]);
  check(poseHeads > 0 && poseHeads % DIRECTIONS === 0, "poseHeads", `a multiple of ${DIRECTIONS}`, poseHeads);
}

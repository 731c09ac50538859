/**
 * @file A volume as a function: f(k, z), the Hartley value of the particle at frequency k in conformation z.
 *
 *     x  = [cos 2πk·b₁ … cos 2πk·b_J, sin 2πk·b₁ … sin 2πk·b_J]
 *     h₀ = ReLU(x A + z L + a)
 *     hᵢ = ReLU(hᵢ₋₁ Wᵢ + cᵢ + hᵢ₋₁)     i = 1..depth
 *     f  = h_depth o + o₀
 *
 * k  Float32[3], cycles per pixel, |k| ≤ ½      z  Float32[zDim], no unit
 *
 * f is real: F(k) = (f(k) + f(−k))/2 + i (f(−k) − f(k))/2 is Hermitian by construction (Hartley H = Re − Im).
 * F has the scale of the images' unitary 2-D transform (imaging/fourier.ts), whose central slices it gives.
 *
 * Published networks (methods.md 2.1) draw the b_j from a blob of 4 % of the box; ours fill the ball that the
 * particle fills, because feature j is the plane wave of a point at b_j, denser towards the centre (as 1/r: products
 * of features reach further out, and a uniform ball learnt more slowly). The skip connection is kept inside the
 * matrix (`residual.i.weight` is I + W), so it costs nothing and Adam sees the same gradients.
 */
import * as tf from "@tensorflow/tfjs";
import { check } from "../core/errors.js";
import type { Random } from "../core/random.js";
import type { Shapes } from "../engine/compile.js";

export interface FieldConfig {
  /** Length of z; 0 for a rigid particle. */
  readonly zDim: number;
  /** J, the number of plane waves. */
  readonly frequencies: number;
  readonly width: number;
  /** Residual layers. */
  readonly depth: number;
  /** Radius of the ball that holds the b_j: the particle's, pixels. */
  readonly supportPixels: number;
}

export interface Field {
  readonly kind: "field";
  readonly config: FieldConfig;
  /** Row-major arrays of the shapes `fieldShapes` gives; "basis" is fixed, the rest is trained in place. */
  readonly weights: Record<string, Float32Array>;
}

/**
 * Sizes of network; multiply-adds per point: 50, 150 and 330 thousand. Many plane waves and few layers learn faster
 * per operation than the published few waves and three layers.
 */
export const fieldPresets: Readonly<Record<"small" | "medium" | "large", Omit<FieldConfig, "zDim" | "supportPixels">>> =
  {
    small: { frequencies: 128, width: 128, depth: 1 },
    medium: { frequencies: 192, width: 192, depth: 2 },
    large: { frequencies: 256, width: 256, depth: 3 },
  };

/** Shape of every weight, "basis" first. */
export function fieldShapes(config: FieldConfig): Shapes {
  const { zDim, frequencies, width, depth } = config;
  const shapes: Record<string, readonly number[]> = {
    basis: [frequencies, 3],
    "input.weight": [2 * frequencies, width],
  };
  if (zDim > 0) shapes["input.latent"] = [zDim, width];
  shapes["input.bias"] = [width];
  for (let i = 0; i < depth; i++) {
    shapes[`residual.${i}.weight`] = [width, width];
    shapes[`residual.${i}.bias`] = [width];
  }
  return { ...shapes, "output.weight": [width, 1], "output.bias": [1] };
}

/** The weights that training changes: all but the basis. */
export function trainableWeights(config: FieldConfig): string[] {
  return Object.keys(fieldShapes(config)).filter((name) => name !== "basis");
}

/**
 * A random field. He's normal weights keep the layers' scale (the plane waves have mean square ½), the residual
 * matrices start as I + N(0, 1/(3 width)), biases are 0, and the output is a tenth of He's so that f starts small.
 * z of unit size enters at a third of the waves' scale: smaller, and conformations are learnt late.
 */
export function initialiseField(config: FieldConfig, random: Random): Field {
  const { zDim, frequencies, width, depth, supportPixels } = config;
  for (const name of ["frequencies", "width"] as const)
    check(Number.isInteger(config[name]) && config[name] > 0, `config.${name}`, "a positive integer", config[name]);
  for (const name of ["zDim", "depth"] as const)
    check(
      Number.isInteger(config[name]) && config[name] >= 0,
      `config.${name}`,
      "an integer of at least 0",
      config[name],
    );
  check(supportPixels > 0 && supportPixels < Infinity, "config.supportPixels", "a positive radius", supportPixels);

  const weights: Record<string, Float32Array> = {};
  for (const [name, shape] of Object.entries(fieldShapes(config)))
    weights[name] = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const fill = (name: string, sigma: number): void => {
    const array = weights[name]!;
    for (let i = 0; i < array.length; i++) array[i] = sigma * random.normal();
  };
  for (let j = 0; j < frequencies; j++) weights["basis"]!.set(pointInBall(supportPixels, random), 3 * j);
  fill("input.weight", Math.sqrt(1 / frequencies));
  if (zDim > 0) fill("input.latent", 0.3 / Math.sqrt(zDim));
  for (let i = 0; i < depth; i++) {
    const name = `residual.${i}.weight`;
    fill(name, Math.sqrt(1 / (3 * width)));
    for (let row = 0; row < width; row++) weights[name]![row * width + row]! += 1;
  }
  fill("output.weight", 0.1 * Math.sqrt(2 / width));
  return { kind: "field", config, weights };
}

/** A random direction at radius √u of the whole: density ∝ 1/r. */
function pointInBall(radius: number, random: Random): number[] {
  const direction = [random.normal(), random.normal(), random.normal()];
  const scale = (radius * Math.sqrt(random.uniform())) / Math.hypot(...direction);
  return direction.map((x) => x * scale);
}

/** f at P points: k [P 3], z [P zDim] (unused when zDim = 0) → [P]. */
export function fieldValue(
  config: FieldConfig,
  k: tf.Tensor,
  z: tf.Tensor | undefined,
  weights: Readonly<Record<string, tf.Tensor>>,
): tf.Tensor1D {
  // cos(2πk·b − φ) with φ = 0 for the first half and π/2 for the second: both waves from one product, no concatenation.
  const basis = tf.mul(weights["basis"]!, 2 * Math.PI);
  const phase = Float32Array.from({ length: 2 * config.frequencies }, (_, j) =>
    j < config.frequencies ? 0 : -Math.PI / 2,
  );
  const waves = tf.cos(tf.add(tf.matMul(k, tf.concat([basis, basis]), false, true), tf.tensor1d(phase)));
  const bias = weights["input.bias"]!;
  const latent = config.zDim > 0 ? tf.add(tf.matMul(z!, weights["input.latent"]!), bias) : bias;
  let h = tf.relu(tf.add(tf.matMul(waves, weights["input.weight"]!), latent));
  for (let i = 0; i < config.depth; i++)
    h = tf.relu(tf.add(tf.matMul(h, weights[`residual.${i}.weight`]!), weights[`residual.${i}.bias`]!));
  return tf.reshape(tf.add(tf.matMul(h, weights["output.weight"]!), weights["output.bias"]!), [-1]);
}

/**
 * @file The published loss of a mixture of fields (Hydra, Levy et al. 2024; methods.md 2.3) as one program with its gradients.
 *
 *     e_ik = mean over the points ±q of (g_i f_k(±k3, z_ik) − h_i(±q))² / 2       k3 = R_ikᵀ (qx, qy, 0)
 *     l_i  = −log Σ_k exp(log p_ik − e_ik / 2σ²)       p_i = softmax(s_i)           loss = Σ_i w_i l_i
 *
 * g  CTF × envelope of the signal      h  Hartley value of the whitened image, centred by the shift t_ik
 * s  scores of the classes             w  weight of the image in its batch
 *
 * e is a *mean*, as in the released code (the paper writes a sum): the likelihood is tempered by T = n σ² for n numbers,
 * and one visit says little of the class; the scores add up over visits. The ½ brings whitened noise, 2 in a Hartley
 * value, to the variance 1 of the published normalisation.
 */
import * as tf from "@tensorflow/tfjs";
import type { Program } from "../engine/compile.js";
import { type FieldConfig, fieldShapes, fieldValue, trainableWeights } from "../field/field.js";
import { rotationRows } from "../geometry/six-numbers.js";

/** How large a program is. */
export interface LossSize {
  /** K */
  readonly classes: number;
  /** B, images of one run. */
  readonly images: number;
  /** P, points of the half-plane of each. */
  readonly points: number;
}

/** What is learnt of an image, by name; shapes are [B, K, width] and [B, K] for the scores. */
export const IMAGE_VARIABLES = ["scores", "z", "rotations", "shifts"] as const;

/** Shapes of the inputs: weights of every field ("0 basis" …), lattice, images, tables. */
export function paperShapes(
  config: FieldConfig,
  { classes, images, points }: LossSize,
): Record<string, readonly number[]> {
  const shapes: Record<string, readonly number[]> = {
    lattice: [points, 2],
    data: [images, points, 2],
    gain: [images, points],
    weight: [images],
    scores: [images, classes],
    rotations: [images, classes, 6],
    shifts: [images, classes, 2],
  };
  if (config.zDim > 0) shapes["z"] = [images, classes, config.zDim];
  for (let k = 0; k < classes; k++)
    for (const [name, shape] of Object.entries(fieldShapes(config))) shapes[`${k} ${name}`] = shape;
  return shapes;
}

/** What gradients are taken of. */
export function paperVariables(config: FieldConfig, classes: number): string[] {
  const tables = IMAGE_VARIABLES.filter((name) => name !== "z" || config.zDim > 0);
  const weights = Array.from({ length: classes }, (_, k) => trainableWeights(config).map((name) => `${k} ${name}`));
  return [...tables, ...weights.flat()];
}

/** Outputs: loss, errors [B K], and the gradient of every variable. */
export function paperProgram(config: FieldConfig, size: LossSize, sigma: number): Program {
  const variables = paperVariables(config, size.classes);
  return (inputs) => {
    const errorsOf = (values: Tensors): tf.Tensor =>
      tf.stack(
        Array.from({ length: size.classes }, (_, k) => classError(config, size, values, k)),
        1,
      );
    let errors: tf.Tensor | undefined;
    const loss = (...given: tf.Tensor[]): tf.Scalar => {
      const values = { ...inputs, ...Object.fromEntries(variables.map((name, i) => [name, given[i]!])) };
      errors = tf.keep(errorsOf(values)); // outlives the gradients' tidying
      const scores = values["scores"]!;
      const mixed = tf.sub(scores, tf.mul(errors, 1 / (2 * sigma ** 2)));
      return tf.sum(tf.mul(inputs["weight"]!, tf.sub(tf.logSumExp(scores, 1), tf.logSumExp(mixed, 1))));
    };
    const { value, grads } = tf.valueAndGrads(loss)(variables.map((name) => inputs[name]!));
    const kept = tf.clone(errors!);
    errors!.dispose();
    return {
      loss: value,
      errors: kept,
      ...Object.fromEntries(variables.map((name, i) => [`gradient ${name}`, grads[i]!])),
    };
  };
}

type Tensors = Readonly<Record<string, tf.Tensor>>;

/** e_ik of class k: [B]. */
function classError(config: FieldConfig, { images, points }: LossSize, values: Tensors, k: number): tf.Tensor {
  const ofClass = (name: string, width: number): tf.Tensor2D =>
    tf.reshape(tf.slice(values[name]!, [0, k, 0], [images, 1, width]), [images, width]);
  const own = (name: string): [string, tf.Tensor] => [name, values[`${k} ${name}`]!];
  const weights = Object.fromEntries(Object.keys(fieldShapes(config)).map(own));
  const lattice = values["lattice"] as tf.Tensor2D;

  const rows = tf.reshape(rotationRows(ofClass("rotations", 6)), [images, 1, 6]);
  const row = (from: number): tf.Tensor => tf.slice(rows, [0, 0, from], [images, 1, 3]);
  const axis = (column: number): tf.Tensor => tf.reshape(tf.slice(lattice, [0, column], [points, 1]), [1, points, 1]);
  const k3 = tf.add(tf.mul(axis(0), row(0)), tf.mul(axis(1), row(3)));
  const both = tf.reshape(tf.concat([k3, tf.neg(k3)], 1), [2 * images * points, 3]);
  const f = tf.reshape(fieldValue(config, both, latents(config, values, k, { images, points }), weights), [
    images,
    2,
    points,
  ]);

  const angle = tf.matMul(ofClass("shifts", 2), tf.mul(lattice, 2 * Math.PI), false, true);
  const [c, s] = [tf.cos(angle), tf.sin(angle)];
  const part = (at: number): tf.Tensor =>
    tf.reshape(tf.slice(values["data"]!, [0, 0, at], [images, points, 1]), [images, points]);
  const re = tf.sub(tf.mul(part(0), c), tf.mul(part(1), s));
  const im = tf.add(tf.mul(part(0), s), tf.mul(part(1), c));
  const hartley = tf.stack([tf.sub(re, im), tf.add(re, im)], 1);
  const gain = tf.reshape(values["gain"]!, [images, 1, points]);
  return tf.mul(tf.sum(tf.square(tf.sub(tf.mul(gain, f), hartley)), [1, 2]), 1 / (4 * points));
}

/** z of class k at every point: [2 B P, zDim]. */
function latents(
  { zDim }: FieldConfig,
  values: Tensors,
  k: number,
  { images, points }: Omit<LossSize, "classes">,
): tf.Tensor | undefined {
  if (zDim === 0) return undefined;
  const z = tf.slice(values["z"]!, [0, k, 0], [images, 1, zDim]);
  return tf.reshape(tf.mul(z, tf.ones([1, 2 * points, 1])), [2 * images * points, zDim]);
}

/**
 * @file Programs that run and train the network: forward; imitation of a teacher; gradients handed in from outside.
 *
 * Imitation, for one image with class posterior q, a pose (T, t) in class c and a conformation z there:
 *
 *     L = CE(classes, q) + min_h d(R_ch, T) + w mean_h d(R_ch, T) + CE(heads of c, argmin_h d)
 *         + |t̂ − t|² / s² + Σ_j ½[(z − μ_cj)² exp(−v_cj) + v_cj]
 *
 * d(R, T) = |R − T|²/2 over the first two rows. The small mean keeps heads that never win from being forgotten.
 */
import * as tf from "@tensorflow/tfjs";
import { IolausError } from "../core/errors.js";
import { type AdamState, adamStep } from "../engine/adam.js";
import { allocate } from "../engine/allocate.js";
import { compile, type EngineName, type Program } from "../engine/compile.js";
import { type EncoderConfig, type EncoderNetwork, type EncoderTensors, encode, encoderShapes } from "./encoder.js";

/** Plain arrays of `EncoderTensors` for a batch. Valid until the next call. */
export interface EncoderOutputs {
  /** Float32[B K M 6] */
  readonly rotations: Float32Array;
  /** Float32[B K M] */
  readonly headLogits: Float32Array;
  /** Float32[B 2], input pixels. */
  readonly shift: Float32Array;
  /** Float32[B K] */
  readonly classLogits: Float32Array;
  /** Float32[B K zDim] */
  readonly zMean: Float32Array;
  readonly zLogVariance: Float32Array;
}

/** What a teacher says of B images. */
export interface Lesson {
  /** Float32[B 6]: rows 0 and 1 of a rotation. */
  readonly rotation: Float32Array;
  /** Float32[B 2], input pixels. */
  readonly shift: Float32Array;
  /** Float32[B K], rows sum to 1. */
  readonly posterior: Float32Array;
  /** Float32[B K]: 1 for the class that the pose and z belong to; all 0 where neither is known. */
  readonly posed: Float32Array;
  /** Float32[B zDim] */
  readonly z: Float32Array;
}

export interface EncoderProgramOptions {
  /** B, images of one run. */
  readonly batch: number;
  readonly engine?: EngineName;
  readonly threads?: number;
}

export interface EncoderOptimiser {
  learningRate: number;
  readonly state: AdamState;
}

export interface EncoderForward {
  readonly batch: number;
  /** `images`: Float32[B S S]. */
  run(network: EncoderNetwork, images: Float32Array): Promise<EncoderOutputs>;
  dispose(): Promise<void>;
}

export interface EncoderGradients {
  readonly loss: number;
  /** By name of weight. Valid until the next call. */
  readonly weights: Record<string, Float32Array>;
}

export interface EncoderTrainer<Task> {
  readonly batch: number;
  gradients(network: EncoderNetwork, images: Float32Array, task: Task): Promise<EncoderGradients>;
  /** One step of Adam. */
  step(
    network: EncoderNetwork,
    optimiser: EncoderOptimiser,
    images: Float32Array,
    task: Task,
  ): Promise<EncoderGradients>;
  dispose(): Promise<void>;
}

export function newEncoderOptimiser(learningRate: number): EncoderOptimiser {
  return { learningRate, state: {} };
}

/** Share of the distance of all heads in the loss of the best one. */
const KEPT_ALIVE = 0.02;
/** Shift errors count in this unit, input pixels. */
const SHIFT_UNIT = 1;

/** Shape of every output for B images; outputs without numbers (z of a rigid particle) are left out. */
export function outputShapes(config: EncoderConfig, B: number): Record<string, readonly number[]> {
  const { classes: K, zDim, poseHeads: M } = config;
  const shapes = {
    rotations: [B, K, M, 6],
    headLogits: [B, K, M],
    shift: [B, 2],
    classLogits: [B, K],
    ...(zDim > 0 && { zMean: [B, K, zDim], zLogVariance: [B, K, zDim] }),
  };
  return shapes;
}

/** Images to outputs. */
export function forwardProgram(config: EncoderConfig): Program {
  return (inputs) => {
    const found = encode(config, inputs["images"] as tf.Tensor4D, inputs);
    return Object.fromEntries(Object.keys(outputShapes(config, 1)).map((name) => [name, found[name as never]]));
  };
}

export async function createEncoderForward(
  config: EncoderConfig,
  { batch, ...engine }: EncoderProgramOptions,
): Promise<EncoderForward> {
  const shapes = { ...encoderShapes(config), ...imageShape(config, batch) };
  const program = await compile(forwardProgram(config), shapes, { name: "encoder", ...engine });
  const outputs = allocate(program.outputShapes);
  const nothing = new Float32Array(0);
  return {
    batch,
    run: async ({ weights }, images) => {
      await program.run({ ...weights, images }, outputs);
      return { zMean: nothing, zLogVariance: nothing, ...outputs } as unknown as EncoderOutputs;
    },
    dispose: () => program.dispose(),
  };
}

/** Compile the imitation of a teacher. */
export function createImitation(
  config: EncoderConfig,
  options: EncoderProgramOptions,
): Promise<EncoderTrainer<Lesson>> {
  const { classes: K, zDim } = config;
  const B = options.batch;
  const shapes = {
    ...{ rotation: [B, 6], shift: [B, 2], posterior: [B, K], posed: [B, K] },
    ...(zDim > 0 && { z: [B, zDim] }),
  };
  return createTrainer("encoder imitation", config, options, shapes, (found, task) => imitationLoss(found, task));
}

/** Compile steps along gradients of a loss that is computed elsewhere: ∂loss/∂(each output), any may be 0. */
export function createPullBack(
  config: EncoderConfig,
  options: EncoderProgramOptions,
): Promise<EncoderTrainer<EncoderOutputs>> {
  const shapes = outputShapes(config, options.batch);
  return createTrainer("encoder pull-back", config, options, shapes, (found, task) => {
    let total = tf.scalar(0);
    for (const name of Object.keys(shapes)) {
      const output = found[name as keyof EncoderTensors] as tf.Tensor;
      total = tf.add(total, tf.sum(tf.mul(output, task[name]!)));
    }
    return total;
  });
}

/** Mean over the batch of the loss in the head of this file. */
export function imitationLoss(found: EncoderTensors, task: Readonly<Record<string, tf.Tensor>>): tf.Scalar {
  const [B, K] = found.headLogits.shape;
  const zDim = found.zMean.shape[2];
  const posed = task["posed"]!;
  const target = tf.reshape(task["rotation"]!, [B, 1, 1, 6]);
  const distance = tf.mul(tf.sum(tf.square(tf.sub(found.rotations, target)), 3), 0.5); // [B K M]
  const nearest = tf.min(distance, 2);
  const isNearest = winners(distance);
  const heads = tf.mul(tf.sum(tf.mul(isNearest, logSoftmax(found.headLogits)), 2), -1);
  const pose = tf.add(tf.add(nearest, tf.mul(tf.mean(distance, 2), KEPT_ALIVE)), tf.mul(heads, 0.2));
  let perClass = pose as tf.Tensor;
  if (zDim > 0) {
    const off = tf.sub(found.zMean, tf.reshape(task["z"]!, [B, 1, zDim]));
    const spread = found.zLogVariance;
    const misfit = tf.add(tf.mul(tf.square(off), tf.exp(tf.mul(spread, -1))), spread);
    perClass = tf.add(perClass, tf.mul(tf.sum(misfit, 2), 0.5));
  }
  const shift = tf.mul(
    tf.sum(tf.square(tf.sub(found.shift, task["shift"]!)), 1),
    tf.mul(tf.sum(posed, 1), 1 / SHIFT_UNIT ** 2),
  );
  const species = tf.mul(tf.sum(tf.mul(task["posterior"]!, logSoftmax(found.classLogits)), 1), -1);
  const all = tf.add(tf.add(tf.sum(tf.mul(posed, perClass), 1), tf.mul(shift, 0.3)), K > 1 ? species : 0);
  return tf.mean(all) as tf.Scalar;
}

/** [B K M]: 1 at the least distance, 0 elsewhere; a label, so nothing flows back. */
function winners(distance: tf.Tensor): tf.Tensor {
  const label = tf.customGrad((x) => ({
    value: tf.cast(tf.lessEqual(x as tf.Tensor, tf.min(x as tf.Tensor, 2, true)), "float32"),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }));
  return label(distance);
}

/** Along the last axis. */
function logSoftmax(x: tf.Tensor): tf.Tensor {
  const axis = x.rank - 1;
  const centred = tf.sub(x, tf.max(x, axis, true));
  return tf.sub(centred, tf.log(tf.sum(tf.exp(centred), axis, true)));
}

async function createTrainer<Task>(
  name: string,
  config: EncoderConfig,
  { batch, ...engine }: EncoderProgramOptions,
  taskShapes: Readonly<Record<string, readonly number[]>>,
  lossOf: (found: EncoderTensors, task: Readonly<Record<string, tf.Tensor>>) => tf.Scalar,
): Promise<EncoderTrainer<Task>> {
  const names = Object.keys(encoderShapes(config));
  const program = await compile(
    (inputs) => {
      const loss = (...values: tf.Tensor[]): tf.Scalar => {
        const weights = Object.fromEntries(names.map((weight, i) => [weight, values[i]!]));
        return lossOf(encode(config, inputs["images"] as tf.Tensor4D, weights), inputs);
      };
      const { value, grads } = tf.valueAndGrads(loss)(names.map((weight) => inputs[weight]!));
      return { loss: value, ...Object.fromEntries(names.map((weight, i) => [`gradient ${weight}`, grads[i]!])) };
    },
    { ...encoderShapes(config), ...imageShape(config, batch), ...taskShapes },
    { name, ...engine },
  );
  const outputs = allocate(program.outputShapes);
  const weights = Object.fromEntries(names.map((weight) => [weight, outputs[`gradient ${weight}`]!]));
  const gradients = async (network: EncoderNetwork, images: Float32Array, task: Task): Promise<EncoderGradients> => {
    const given = task as Readonly<Record<string, Float32Array>>;
    const lesson = Object.fromEntries(Object.keys(taskShapes).map((key) => [key, given[key]!]));
    await program.run({ ...network.weights, images, ...lesson }, outputs);
    const loss = outputs["loss"]![0]!;
    if (!Number.isFinite(loss))
      throw new IolausError("diverged", `${name}: expected a finite loss, got ${loss}; lower the learning rate`);
    return { loss, weights };
  };
  return {
    batch,
    gradients,
    step: async (network, optimiser, images, task) => {
      const found = await gradients(network, images, task);
      adamStep(network.weights, weights, optimiser.state, { learningRate: optimiser.learningRate });
      return found;
    },
    dispose: () => program.dispose(),
  };
}

function imageShape({ inputBox }: EncoderConfig, batch: number): Record<string, readonly number[]> {
  return { images: [batch, inputBox, inputBox, 1] };
}

/**
 * @file Gradient steps on a field: one compiled program of loss and gradients, Adam on the weights in place.
 *
 *     loss = Σ_p w_p (g_p f(k_p, z_p) − y_p)² / Σ_p w_p
 *
 * g  gain: CTF × envelope ÷ noise      y  target: the datum in the same units      w  weight of the point
 */
import * as tf from "@tensorflow/tfjs";
import { IolausError } from "../core/errors.js";
import { type AdamState, adamStep } from "../engine/adam.js";
import { allocate } from "../engine/allocate.js";
import { compile, type EngineName, type Program } from "../engine/compile.js";
import { type Field, type FieldConfig, fieldShapes, fieldValue, trainableWeights } from "./field.js";

/** P points, as many as the trainer was made for; give a point weight 0 to leave it out. */
export interface FieldBatch {
  /** Float32[P 3], cycles per pixel. */
  readonly k: Float32Array;
  /** Float32[P zDim]; absent when zDim = 0. */
  readonly z?: Float32Array;
  /** Float32[P] */
  readonly gain: Float32Array;
  /** Float32[P] */
  readonly target: Float32Array;
  /** Float32[P], not all 0. */
  readonly weight: Float32Array;
}

export interface FieldOptimiser {
  /** Adam's; may change from step to step. */
  learningRate: number;
  readonly state: AdamState;
}

export interface FieldGradients {
  readonly loss: number;
  /** By name of weight. Valid until the next call. */
  readonly weights: Record<string, Float32Array>;
  /** Float32[P zDim] of ∂loss/∂z; absent when zDim = 0. Valid until the next call. */
  readonly z?: Float32Array;
}

export interface FieldTrainer {
  readonly config: FieldConfig;
  readonly points: number;
  /** Loss and gradients; the field is not changed. */
  gradients(field: Field, batch: FieldBatch): Promise<FieldGradients>;
  /** One step of Adam on the weights. The gradient of z comes back for the caller to use. */
  step(field: Field, optimiser: FieldOptimiser, batch: FieldBatch): Promise<FieldGradients>;
  dispose(): Promise<void>;
}

export interface FieldProgramOptions {
  /** P, the number of points of one run; 1024 to 4096 are fastest. */
  readonly points: number;
  readonly engine?: EngineName;
  readonly threads?: number;
}

export function newFieldOptimiser(learningRate: number): FieldOptimiser {
  return { learningRate, state: {} };
}

/** Compile the training program for fields of this configuration. */
export async function createFieldTrainer(config: FieldConfig, options: FieldProgramOptions): Promise<FieldTrainer> {
  const { points, ...engine } = options;
  const program = await compile(trainingProgram(config), trainingShapes(config, points), {
    name: "field training",
    ...engine,
  });
  const outputs = allocate(program.outputShapes);
  const names = trainableWeights(config);
  const weights = Object.fromEntries(names.map((name) => [name, outputs[`gradient ${name}`]!]));

  const gradients = async (field: Field, batch: FieldBatch): Promise<FieldGradients> => {
    const { k, z, gain, target, weight } = batch;
    const inputs = { ...field.weights, k, gain, target, weight };
    await program.run(z === undefined || config.zDim === 0 ? inputs : { ...inputs, z }, outputs);
    const loss = outputs["loss"]![0]!;
    if (!Number.isFinite(loss))
      throw new IolausError("diverged", `field training: expected a finite loss, got ${loss}; lower the learning rate`);
    return config.zDim > 0 ? { loss, weights, z: outputs["gradient z"]! } : { loss, weights };
  };
  return {
    config,
    points,
    gradients,
    step: async (field, optimiser, batch) => {
      const found = await gradients(field, batch);
      adamStep(field.weights, weights, optimiser.state, { learningRate: optimiser.learningRate });
      return found;
    },
    dispose: () => program.dispose(),
  };
}

/** Inputs of `trainingProgram` for P points. */
export function trainingShapes(config: FieldConfig, points: number): Record<string, readonly number[]> {
  const batch = { k: [points, 3], gain: [points], target: [points], weight: [points] };
  return { ...fieldShapes(config), ...batch, ...(config.zDim > 0 ? { z: [points, config.zDim] } : {}) };
}

/** Loss and the gradient of every trained weight and of z. */
export function trainingProgram(config: FieldConfig): Program {
  const names = trainableWeights(config);
  return (inputs) => {
    const loss = (...values: tf.Tensor[]): tf.Scalar => {
      const weights = { ...inputs, ...Object.fromEntries(names.map((name, i) => [name, values[i]!])) };
      const f = fieldValue(config, inputs["k"]!, values[names.length], weights);
      const residual = tf.sub(tf.mul(inputs["gain"]!, f), inputs["target"]!);
      const weight = inputs["weight"]!;
      return tf.div(tf.sum(tf.mul(weight, tf.square(residual))), tf.sum(weight));
    };
    const variables = config.zDim > 0 ? [...names, "z"] : names;
    const { value, grads } = tf.valueAndGrads(loss)(variables.map((name) => inputs[name]!));
    return { loss: value, ...Object.fromEntries(variables.map((name, i) => [`gradient ${name}`, grads[i]!])) };
  };
}

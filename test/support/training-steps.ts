/** @file One step of each kind of program Iolaus trains or searches with, at any size: field, encoder, pose scores. */
import * as tf from "@tensorflow/tfjs";
import { seededRandom } from "../../src/core/random.js";
import type { Program, Shapes } from "../../src/engine/compile.js";
import { groupNormalise } from "../../src/engine/group-normalise.js";
import { type FieldConfig, initialiseField } from "../../src/field/field.js";
import { trainingProgram, trainingShapes } from "../../src/field/trainer.js";

export interface Step {
  readonly name: string;
  readonly program: Program;
  readonly shapes: Shapes;
  readonly inputs: Readonly<Record<string, Float32Array>>;
  /** Of all its matrix products and convolutions, two for a multiply-add. */
  readonly flop: number;
}

/** Loss and all gradients of a field at P points. */
export function fieldStep(config: FieldConfig, points: number): Step {
  const { zDim, frequencies, width, depth } = config;
  const forward = 3 * 2 * frequencies + 2 * frequencies * width + zDim * width + depth * width ** 2 + width;
  // Backward: every layer's weights, and the activations of all but the fixed waves.
  const backward = 2 * (forward - 6 * frequencies) - 2 * frequencies * width;
  const shapes = trainingShapes(config, points);
  const inputs = { ...normals(shapes), ...initialiseField(config, seededRandom(1)).weights };
  const weight = new Float32Array(points).fill(1);
  const k = inputs["k"]!.map((x) => 0.1 * x);
  return {
    name: "field",
    program: trainingProgram(config),
    shapes,
    inputs: { ...inputs, k, weight },
    flop: 2 * points * (forward + backward),
  };
}

/**
 * Loss and all gradients of a CNN that halves the image and changes the channels at every block: 3 × 3 convolution,
 * group normalisation (groups of 8 channels), ReLU, mean over 2 × 2; then means over the image and a linear head.
 */
export function encoderStep(batch: number, side: number, channels: readonly number[], outputs = 32): Step {
  const shapes: Record<string, readonly number[]> = { image: [batch, side, side, 1], target: [batch, outputs] };
  let [flop, size] = [0, side];
  channels.forEach((out, i) => {
    const from = channels[i - 1] ?? 1;
    shapes[`filter${i}`] = [3, 3, from, out];
    shapes[`scale${i}`] = [out];
    shapes[`offset${i}`] = [out];
    // Forward and the gradient of the filter; the gradient of the input too, but for the image itself.
    flop += (i === 0 ? 2 : 3) * 2 * batch * size ** 2 * 9 * from * out;
    size /= 2;
  });
  shapes["head"] = [channels.at(-1)!, outputs];
  const names = Object.keys(shapes).filter((name) => name !== "image" && name !== "target");
  const scaled = Object.entries(normals(shapes)).map(([name, values]): [string, Float32Array] => {
    const shape = shapes[name]!;
    const scale =
      name === "image" ? 1 : shape.length > 1 ? Math.sqrt(2 / (shape.reduce((a, b) => a * b, 1) / shape.at(-1)!)) : 0.1;
    return [name, values.map((x) => (name.startsWith("scale") ? 1 : 0) + scale * x)];
  });
  return {
    name: "encoder",
    shapes,
    inputs: Object.fromEntries(scaled),
    flop,
    program: (inputs) => {
      const loss = (...values: tf.Tensor[]): tf.Scalar => {
        const w = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
        let h = tf.reshape(inputs["image"]!, [batch, 1, side, side]);
        for (let i = 0; i < channels.length; i++) {
          h = tf.conv2d(h as tf.Tensor4D, w[`filter${i}`] as tf.Tensor4D, 1, "same", "NCHW");
          const groups = channels[i]! / 8;
          h = tf.relu(groupNormalise(h as tf.Tensor4D, w[`scale${i}`]!, w[`offset${i}`]!, { groups }));
          h = tf.transpose(tf.avgPool(tf.transpose(h, [0, 2, 3, 1]) as tf.Tensor4D, 2, 2, "valid"), [0, 3, 1, 2]);
        }
        const y = tf.matMul(tf.mean(h, [2, 3]) as tf.Tensor2D, w["head"] as tf.Tensor2D);
        return tf.mean(tf.square(tf.sub(y, inputs["target"]!)));
      };
      const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => inputs[name]!));
      return { loss: value, ...Object.fromEntries(names.map((name, i) => [`gradient ${name}`, grads[i]!])) };
    },
  };
}

/**
 * The best score over the shifts, of every image against every template, in tiles of templates as the search makes
 * them (src/pose/global-scores.ts, which halves the products by a symmetry of its grid that is not counted on here).
 */
export function scoreStep(images: number, shifts: number, points: number, rotations: number, width = 288): Step {
  const tiles = Array.from({ length: Math.ceil(rotations / width) }, (_, t) => Math.min(width, rotations - t * width));
  const shapes: Record<string, readonly number[]> = {
    shifted: [images * shifts, 2 * points],
    squares: [images, points],
  };
  tiles.forEach((columns, t) => {
    shapes[`slices${t}`] = [2 * points, columns];
    shapes[`power${t}`] = [points, columns];
  });
  return {
    name: "score",
    shapes,
    inputs: normals(shapes),
    flop: 2 * images * rotations * points * (2 * shifts + 1),
    program: (inputs) => {
      const { shifted, squares } = inputs as { shifted: tf.Tensor; squares: tf.Tensor };
      const best = tiles.map((columns, t) => {
        const cross = shifted.matMul(inputs[`slices${t}`]!).reshape([images, shifts, columns]);
        return cross.max(1).add(squares.matMul(inputs[`power${t}`]!));
      });
      return { best: tf.concat(best, 1) };
    },
  };
}

function normals(shapes: Shapes): Record<string, Float32Array> {
  const random = seededRandom(2);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    ]),
  );
}

/** Sizes for tests: a fraction of a second on any engine. */
export function smallSteps(): Step[] {
  const config = { zDim: 2, frequencies: 16, width: 24, depth: 2, supportPixels: 10 };
  return [fieldStep(config, 96), encoderStep(4, 16, [8, 16], 5), scoreStep(4, 9, 20, 64)];
}

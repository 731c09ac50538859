/** @file The oracle: a program run eagerly on tfjs's own JavaScript backend. */
import * as tf from "@tensorflow/tfjs";
import type { Program, Shapes } from "./tracing.js";

// Else tfjs prints advice to install tfjs-node.
tf.enableProdMode();

export function runEagerly(
  program: Program,
  shapes: Shapes,
  inputs: Readonly<Record<string, Float32Array>>,
  outputs: Readonly<Record<string, Float32Array>>,
): Record<string, Float32Array> {
  tf.backend();
  const previous = tf.getBackend();
  const results: Record<string, Float32Array> = {};
  void tf.setBackend("cpu");
  tf.engine().startScope("reference");
  try {
    const tensors = Object.entries(shapes).map(([key, shape]): [string, tf.Tensor] => [
      key,
      tf.tensor(inputs[key]!, [...shape], "float32"),
    ]);
    for (const [key, tensor] of Object.entries(program(Object.fromEntries(tensors)))) {
      const values = Float32Array.from(tensor.dataSync());
      outputs[key]?.set(values);
      results[key] = outputs[key] ?? values;
    }
    return results;
  } finally {
    tf.engine().endScope();
    void tf.setBackend(previous);
  }
}

/** @file A program run as it stands on one of tfjs's backends: its own JavaScript ("cpu") or TensorFlow's library. */
import * as tf from "@tensorflow/tfjs";
import type { Program, Shapes } from "./tracing.js";

// Else tfjs prints advice to install tfjs-node.
tf.enableProdMode();

/** tfjs's own backend in JavaScript. */
export const REFERENCE_BACKEND = "cpu";

export function runEagerly(
  program: Program,
  shapes: Shapes,
  inputs: Readonly<Record<string, Float32Array>>,
  outputs: Readonly<Record<string, Float32Array>>,
  backend: string = REFERENCE_BACKEND,
): Record<string, Float32Array> {
  tf.backend();
  const previous = tf.getBackend();
  const results: Record<string, Float32Array> = {};
  void tf.setBackend(backend);
  tf.engine().startScope(backend);
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

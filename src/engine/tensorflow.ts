/** @file TensorFlow's own library as a tfjs backend, where the optional package is installed. */
import * as tf from "@tensorflow/tfjs";
import { IolausError } from "../core/errors.js";

export const TENSORFLOW_PACKAGE = "@tensorflow/tfjs-node-gpu";
const BACKEND = "tensorflow";

/** Load the package if there is one, so that tfjs has its backend. False when there is none. */
export async function loadTensorflow(): Promise<boolean> {
  if (tf.engine().registryFactory[BACKEND] !== undefined) return true;
  const previous = tf.getBackend();
  try {
    await import(TENSORFLOW_PACKAGE);
  } catch {
    return false;
  }
  if (previous) await tf.setBackend(previous);
  return tf.engine().registryFactory[BACKEND] !== undefined;
}

/** Where its tensors live; null when the package is absent. */
export async function tensorflowDevice(): Promise<"GPU" | "CPU" | null> {
  if (!(await loadTensorflow())) return null;
  const backend = tf.findBackend(BACKEND) as tf.KernelBackend & { readonly isUsingGpuDevice?: boolean };
  return backend.isUsingGpuDevice ? "GPU" : "CPU";
}

/** The name of the tfjs backend. */
export async function requireTensorflow(): Promise<string> {
  if (await loadTensorflow()) return BACKEND;
  throw new IolausError(
    "unsupported",
    `engine: expected an engine of this machine, got tensorflow; install the optional package ${TENSORFLOW_PACKAGE}`,
  );
}

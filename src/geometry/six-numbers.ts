/**
 * @file Rotations from six unconstrained numbers ("S2S2", Zhou et al. 2019): Gram–Schmidt on two vectors.
 *
 *     e1 = v1/|v1|      e2 = u/|u| with u = v2 − (e1·v2) e1      e3 = e1 × e2
 *
 * e1, e2, e3 are the *rows* of R. The inverse of the map is rows 0 and 1 themselves. Continuous, unlike Euler angles
 * and quaternions, so a network can learn it.
 */
import * as tf from "@tensorflow/tfjs";

/** Keeps lengths away from 0; two vectors this close to parallel do not occur in training. */
const LEAST_SQUARE = 1e-10;

/** [n 6] → [n 6]: the first two rows of the rotation, orthonormal. */
export function rotationRows(v: tf.Tensor): tf.Tensor2D {
  const n = v.shape[0]!;
  const first = unit(tf.slice(v, [0, 0], [n, 3]));
  const second = tf.slice(v, [0, 3], [n, 3]);
  const along = tf.sum(tf.mul(first, second), 1, true);
  return tf.concat([first, unit(tf.sub(second, tf.mul(along, first)))], 1) as tf.Tensor2D;
}

function unit(v: tf.Tensor): tf.Tensor {
  return tf.div(v, tf.sqrt(tf.add(tf.sum(tf.square(v), 1, true), LEAST_SQUARE)));
}

/** The rotation of the six numbers at `v[at]`, row-major. */
export function rotationOfSix(v: ArrayLike<number>, at: number): number[] {
  const scaled = (x: number, y: number, z: number): [number, number, number] => {
    const length = Math.hypot(x, y, z);
    return [x / length, y / length, z / length];
  };
  const [x, y, z] = scaled(v[at]!, v[at + 1]!, v[at + 2]!);
  const along = x * v[at + 3]! + y * v[at + 4]! + z * v[at + 5]!;
  const [a, b, c] = scaled(v[at + 3]! - along * x, v[at + 4]! - along * y, v[at + 5]! - along * z);
  return [x, y, z, a, b, c, y * c - z * b, z * a - x * c, x * b - y * a];
}

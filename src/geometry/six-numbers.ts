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
  const [a, b] = [
    [v[at]!, v[at + 1]!, v[at + 2]!],
    [v[at + 3]!, v[at + 4]!, v[at + 5]!],
  ] as const;
  const length = Math.hypot(...a);
  const [x, y, z] = a.map((c) => c / length) as [number, number, number];
  const along = x * b[0] + y * b[1] + z * b[2];
  const rest = [b[0] - along * x, b[1] - along * y, b[2] - along * z] as const;
  const height = Math.hypot(...rest);
  const [u, v2, w] = rest.map((c) => c / height) as [number, number, number];
  return [x, y, z, u, v2, w, y * w - z * v2, z * u - x * w, x * v2 - y * u];
}

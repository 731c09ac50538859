/**
 * @file Discrete Fourier transforms as tensor programs on separate real and imaginary parts, for every engine, with
 * gradients. tfjs's own fft works on complex tensors, which compiled programs have not.
 *
 *     F[k] = n^(−½) Σ_x f[x] exp(∓2πi k x / n)          − forward, + inverse; unitary, DC at index 0
 *
 * One axis of n samples is a product with the n × n cosine and sine matrices; composite n above 64 is split in two
 * steps of about √n (Cooley & Tukey 1965), so that the work per sample grows with √n.
 */
import * as tf from "@tensorflow/tfjs";
import { check } from "../core/errors.js";

/** Real and imaginary part, of one shape. */
export interface ComplexTensor {
  readonly re: tf.Tensor;
  readonly im: tf.Tensor;
}

/** Longer axes are split where they have divisors. */
const LONGEST_DIRECT = 64;

/** Transform along `axes` (default: all) in the order given. */
export function dft(x: ComplexTensor, axes: readonly number[] = x.re.shape.map((_, i) => i)): ComplexTensor {
  return axes.reduce((value, axis) => alongAxis(value, axis, -1), x);
}

/** The inverse of `dft`. */
export function inverseDft(x: ComplexTensor, axes: readonly number[] = x.re.shape.map((_, i) => i)): ComplexTensor {
  return axes.reduce((value, axis) => alongAxis(value, axis, 1), x);
}

/** Real images [… rows columns] → their half planes [… rows columns/2+1]. `columns` even. */
export function realDft2(images: tf.Tensor): ComplexTensor {
  const rank = images.rank;
  check(rank >= 2, "images", "rank 2 or more", images.shape);
  const columns = images.shape[rank - 1]!;
  check(columns % 2 === 0, "images", "an even number of columns", columns);
  const { re, im } = matrices(columns, -1, columns / 2 + 1);
  return alongAxis({ re: timesLast(images, re), im: timesLast(images, im) }, rank - 2, -1);
}

/** Half planes of real images → the images [… rows columns]: the inverse of `realDft2`. */
export function inverseRealDft2({ re, im }: ComplexTensor): tf.Tensor {
  const half = re.shape.at(-1)!;
  const columns = 2 * (half - 1);
  check(columns > 0, "half plane", "2 or more columns", half);
  const rows = alongAxis({ re, im }, re.rank - 2, 1);
  // Columns 1 … n/2−1 stand for their mirror images too.
  const c = new Float32Array(half * columns);
  const s = new Float32Array(half * columns);
  for (let k = 0; k < half; k++)
    for (let x = 0; x < columns; x++) {
      const weight = (k === 0 || k === half - 1 ? 1 : 2) / Math.sqrt(columns);
      const angle = (2 * Math.PI * ((k * x) % columns)) / columns;
      c[k * columns + x] = weight * Math.cos(angle);
      s[k * columns + x] = -weight * Math.sin(angle);
    }
  const [cosine, sine] = [c, s].map((matrix) => tf.tensor2d(matrix, [half, columns]));
  return tf.add(timesLast(rows.re, cosine!), timesLast(rows.im, sine!));
}

function alongAxis(x: ComplexTensor, axis: number, sign: 1 | -1): ComplexTensor {
  const rank = x.re.rank;
  check(Number.isInteger(axis) && axis >= 0 && axis < rank, "axis", `0 to ${rank - 1}`, axis);
  if (axis === rank - 1) return alongLast(x, sign);
  const perm = Array.from({ length: rank }, (_, i) => i);
  [perm[axis], perm[rank - 1]] = [rank - 1, axis];
  const turned = alongLast({ re: tf.transpose(x.re, perm), im: tf.transpose(x.im, perm) }, sign);
  return { re: tf.transpose(turned.re, perm), im: tf.transpose(turned.im, perm) };
}

function alongLast(x: ComplexTensor, sign: 1 | -1): ComplexTensor {
  const n = x.re.shape.at(-1)!;
  const factor = n > LONGEST_DIRECT ? divisorNearRoot(n) : 1;
  return factor === 1 ? times(x, matrices(n, sign)) : twoSteps(x, factor, n / factor, sign);
}

/** n = a·b: x = b p + q, k = r + a s; transforms over p, a twist exp(∓2πi q r / n), transforms over q. */
function twoSteps(x: ComplexTensor, a: number, b: number, sign: 1 | -1): ComplexTensor {
  const front = x.re.shape.slice(0, -1);
  const split = (t: tf.Tensor): tf.Tensor => swapLastTwo(tf.reshape(t, [...front, a, b])); // [… q p]
  const inner = times({ re: split(x.re), im: split(x.im) }, matrices(a, sign)); // [… q r]
  const twist = matrices(a * b, sign, a, b, Math.sqrt(a * b)); // [q r], without the normalisation
  const twisted = multiply(inner, twist);
  const outer = alongLast({ re: swapLastTwo(twisted.re), im: swapLastTwo(twisted.im) }, sign); // [… r s]
  const join = (t: tf.Tensor): tf.Tensor => tf.reshape(swapLastTwo(t), [...front, a * b]);
  return { re: join(outer.re), im: join(outer.im) };
}

/** scale·n^(−½) exp(sign 2πi x k / n) for x < rows, k < columns. */
function matrices(n: number, sign: 1 | -1, columns: number = n, rows: number = n, scale = 1): ComplexTensor {
  const [c, s] = [new Float32Array(rows * columns), new Float32Array(rows * columns)];
  for (let x = 0; x < rows; x++)
    for (let k = 0; k < columns; k++) {
      const angle = (2 * Math.PI * ((x * k) % n)) / n;
      c[x * columns + k] = (scale * Math.cos(angle)) / Math.sqrt(n);
      s[x * columns + k] = (scale * sign * Math.sin(angle)) / Math.sqrt(n);
    }
  return { re: tf.tensor2d(c, [rows, columns]), im: tf.tensor2d(s, [rows, columns]) };
}

function times(x: ComplexTensor, w: ComplexTensor): ComplexTensor {
  return {
    re: tf.sub(timesLast(x.re, w.re), timesLast(x.im, w.im)),
    im: tf.add(timesLast(x.re, w.im), timesLast(x.im, w.re)),
  };
}

function multiply(x: ComplexTensor, w: ComplexTensor): ComplexTensor {
  return {
    re: tf.sub(tf.mul(x.re, w.re), tf.mul(x.im, w.im)),
    im: tf.add(tf.mul(x.re, w.im), tf.mul(x.im, w.re)),
  };
}

/** x [… n] · matrix [n m], as one product. */
function timesLast(x: tf.Tensor, matrix: tf.Tensor): tf.Tensor {
  const n = x.shape.at(-1)!;
  const front = x.shape.slice(0, -1);
  const flat = tf.reshape(x, [front.reduce((p, q) => p * q, 1), n]);
  return tf.reshape(tf.matMul(flat, matrix), [...front, matrix.shape[1]!]);
}

function swapLastTwo(x: tf.Tensor): tf.Tensor {
  const perm = Array.from({ length: x.rank }, (_, i) => i);
  perm.push(...perm.splice(-2).reverse());
  return tf.transpose(x, perm);
}

/** The largest divisor up to √n. */
function divisorNearRoot(n: number): number {
  let a = Math.floor(Math.sqrt(n));
  while (n % a !== 0) a--;
  return a;
}

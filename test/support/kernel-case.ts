/** @file One use of a kernel, compiled and run beside tfjs's own JavaScript backend. */
import * as tf from "@tensorflow/tfjs";
import { expect } from "vitest";
import { type Random, seededRandom } from "../../src/core/random.js";
import { compile, type Program } from "../../src/engine/compile.js";
import { runEagerly } from "../../src/engine/eager.js";
import { relativeError } from "./compare.js";

export type Tensors = Readonly<Record<string, tf.Tensor>>;

export interface KernelCase {
  /** The row of the table that this case is for. */
  readonly kernel: string;
  /** Inputs; `i` is for indices and has no gradient. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly f: (x: Tensors) => tf.Tensor | tf.Tensor[];
  /** Inputs are uniform in this range. @default [-3, 3] */
  readonly range?: readonly [number, number];
  /** Has a gradient that tfjs computes rightly. */
  readonly smooth?: boolean;
  /** @default 1e-5: both engines compute in float32 and differ by rounding; tfjs's erf is a fit good to 1.5e-7. */
  readonly tolerance?: number;
}

const random = seededRandom(7);

/** Values, and gradients of a weighted sum of squares, are those of tfjs. */
export async function expectSame(c: KernelCase, draw: Random = random): Promise<void> {
  const program = programOf(c);
  const inputs = inputsOf(c, draw);
  const expected = runEagerly(program, c.shapes, inputs, {});
  const compiled = await compile(program, c.shapes, { threads: 1, name: c.kernel });
  const found = await compiled.run(inputs);
  await compiled.dispose();
  expect(Object.keys(found)).toEqual(Object.keys(expected));
  for (const name in expected)
    expect(relativeError(found[name]!, expected[name]!), name).toBeLessThan(c.tolerance ?? 1e-5);
}

/** The tfjs kernels that the case calls, without gradients. */
export async function kernelsOf(c: KernelCase): Promise<readonly string[]> {
  const inputs = inputsOf(c, random);
  await tf.setBackend("cpu");
  const { kernelNames } = await tf.profile(() => {
    const tensors = Object.entries(c.shapes).map(([name, shape]) => [name, tf.tensor(inputs[name]!, [...shape])]);
    return c.f(Object.fromEntries(tensors)) as tf.Tensor;
  });
  return kernelNames;
}

function programOf({ f, shapes, smooth }: KernelCase): Program {
  const results = (x: Tensors): tf.Tensor[] => [f(x)].flat() as tf.Tensor[];
  if (!smooth) return (x) => Object.fromEntries(results(x).map((y, i) => [`y${i}`, y]));
  return (x) => {
    const names = Object.keys(shapes).filter((name) => name !== "i");
    const total = (...values: tf.Tensor[]): tf.Scalar => {
      const [y] = results({ ...x, ...Object.fromEntries(names.map((name, i) => [name, values[i]!])) });
      const weights = tf.tensor(
        Float32Array.from({ length: y!.size }, (_, i) => 1.5 + Math.cos(i + 1)),
        y!.shape,
      );
      return tf.sum(tf.mul(weights, tf.square(y!)));
    };
    const { value, grads } = tf.valueAndGrads(total)(names.map((name) => x[name]!));
    return { value, y: results(x)[0]!, ...Object.fromEntries(grads.map((grad, i) => [`d${names[i]}`, grad])) };
  };
}

function inputsOf({ shapes, range: [low, high] = [-3, 3] }: KernelCase, draw: Random): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => low + (high - low) * draw.uniform()),
    ]),
  );
}

/** Whole numbers 0..n−1 made of inputs in [0, 1). */
export function integers(x: tf.Tensor, n: number): tf.Tensor {
  return tf.cast(tf.floor(tf.mul(x, n)), "int32");
}

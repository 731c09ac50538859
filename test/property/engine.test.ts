import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compile, type Program } from "../../src/engine/compile.js";
import { relativeError } from "../support/compare.js";

const side = fc.integer({ min: 1, max: 5 });
const operations = [tf.add, tf.sub, tf.mul, tf.div] as const;
/** Two shapes that broadcast: each axis kept, stretched on one side, or absent in front. */
const broadcastPair = fc
  .array(fc.tuple(side, fc.constantFrom("both", "left", "right")), { minLength: 0, maxLength: 4 })
  .chain((axes) => fc.tuple(fc.constant(axes), fc.integer({ min: 0, max: axes.length })))
  .map(([axes, drop]) => ({
    a: axes.map(([n, kind]) => (kind === "right" ? 1 : n)),
    b: axes.map(([n, kind]) => (kind === "left" ? 1 : n)).slice(drop),
  }));

async function compare(program: Program, shapes: Record<string, number[]>): Promise<void> {
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], s) => [
      name,
      Float32Array.from({ length: shape.reduce((x, y) => x * y, 1) }, (_, i) => 1.5 + Math.sin(3 * i + s)),
    ]),
  );
  const compiled = await compile(program, shapes, { threads: 1 });
  const reference = await compile(program, shapes, { engine: "reference" });
  const [found, expected] = [await compiled.run(inputs), await reference.run(inputs)];
  for (const name in expected) expect(relativeError(found[name]!, expected[name]!), name).toBeLessThan(1e-5);
  await compiled.dispose();
}

test("arithmetic with any broadcasting, and its gradient, is the reference engine's", async () => {
  await fc.assert(
    fc.asyncProperty(broadcastPair, fc.constantFrom(...operations), (shapes, operation) =>
      compare(({ a, b }) => {
        const total = (x: tf.Tensor, y: tf.Tensor): tf.Scalar => tf.sum(tf.square(operation(x, y)));
        const { value, grads } = tf.valueAndGrads(total)([a!, b!]);
        return { value, da: grads[0]!, db: grads[1]!, y: operation(a!, b!) };
      }, shapes),
    ),
    { seed: 1, numRuns: 80 },
  );
});

test("matrix products of any size, transposed or not, with bias, and their gradients are the reference engine's", async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(side, side, side), fc.boolean(), fc.boolean(), fc.nat(2), ([m, k, n], ta, tb, bias) =>
      compare(
        ({ a, b, c }) => {
          const total = (...t: tf.Tensor[]): tf.Scalar =>
            tf.sum(tf.square(tf.add(tf.matMul(t[0]!, t[1]!, ta, tb), t[2]!)));
          const { value, grads } = tf.valueAndGrads(total)([a!, b!, c!]);
          return { value, da: grads[0]!, db: grads[1]!, dc: grads[2]! };
        },
        { a: ta ? [k, m] : [m, k], b: tb ? [n, k] : [k, n], c: [[n], [m, 1], [2, m, n]][bias]! },
      ),
    ),
    { seed: 2, numRuns: 60 },
  );
});

test("reductions, slices, padding and transposition in a chain are the reference engine's", async () => {
  const cube = fc.tuple(side, side, side);
  await fc.assert(
    fc.asyncProperty(cube, fc.nat(2), fc.nat(2), fc.boolean(), (shape, axis, other, keep) =>
      compare(
        ({ x }) => {
          const f = (t: tf.Tensor): tf.Scalar => {
            const turned = tf.transpose(
              tf.pad(
                t,
                [0, 1, 2].map((i) => [i === other ? 2 : 0, 1] as [number, number]),
              ),
              [2, 0, 1],
            );
            return tf.sum(tf.square(tf.mean(tf.slice(turned, [1, 0, 0]), axis, keep)));
          };
          const { value, grad } = tf.valueAndGrad(f)(x!);
          return { value, grad };
        },
        { x: shape },
      ),
    ),
    { seed: 3, numRuns: 60 },
  );
});

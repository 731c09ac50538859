import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { compile } from "../../../src/engine/compile.js";
import { runEagerly } from "../../../src/engine/eager.js";
import { groupNormalise } from "../../../src/engine/group-normalise.js";
import { relativeError } from "../../support/compare.js";

/** The definition, differentiated by tfjs. */
function byDefinition(x: tf.Tensor4D, scale: tf.Tensor, offset: tf.Tensor, groups: number): tf.Tensor {
  const [batch, channels] = x.shape;
  const { mean, variance } = tf.moments(tf.reshape(x, [batch, groups, -1]), 2, true);
  const even = tf.div(tf.sub(tf.reshape(x, [batch, groups, -1]), mean), tf.sqrt(tf.add(variance, 1e-5)));
  const column = (t: tf.Tensor): tf.Tensor => tf.reshape(t, [1, channels, 1, 1]);
  return tf.add(tf.mul(tf.reshape(even, x.shape), column(scale)), column(offset));
}

const shapes = { x: [3, 6, 4, 5], scale: [6], offset: [6] };
const inputs = Object.fromEntries(
  Object.entries(shapes).map(([name, shape], s) => [
    name,
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => 0.7 + Math.sin(5 * i * (i + s))),
  ]),
);
const stepOf =
  (f: (x: tf.Tensor4D, scale: tf.Tensor, offset: tf.Tensor) => tf.Tensor) =>
  ({ x, scale, offset }: Record<string, tf.Tensor>): Record<string, tf.Tensor> => {
    const loss = (...t: tf.Tensor[]): tf.Scalar => {
      const y = f(t[0] as tf.Tensor4D, t[1]!, t[2]!);
      return tf.sum(tf.mul(tf.square(y), tf.reshape(tf.range(0, y.size), y.shape)));
    };
    const { value, grads } = tf.valueAndGrads(loss)([x!, scale!, offset!]);
    return { value, y: f(x as tf.Tensor4D, scale!, offset!), dx: grads[0]!, dScale: grads[1]!, dOffset: grads[2]! };
  };

test.each([1, 2, 6])("values and gradients with %i groups are those of the definition", async (groups) => {
  const program = await compile(
    stepOf((x, scale, offset) => groupNormalise(x, scale, offset, { groups })),
    shapes,
  );
  const found = await program.run(inputs);
  const expected = runEagerly(
    stepOf((x, scale, offset) => byDefinition(x, scale, offset, groups)),
    shapes,
    inputs,
    {},
  );
  for (const name in expected) expect(relativeError(found[name]!, expected[name]!), name).toBeLessThan(2e-5);
  await program.dispose();
});

test("refuses groups that do not divide the channels", () => {
  const x = tf.zeros([1, 6, 2, 2]) as tf.Tensor4D;
  expect(() => groupNormalise(x, tf.zeros([6]), tf.zeros([6]), { groups: 4 })).toThrow(
    "a divisor of 6 channels, got 4",
  );
});

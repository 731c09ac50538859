import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { blockConvolutions, blockSize } from "../../../src/engine/blocked-convolution.js";
import { compile, type Program, type Shapes } from "../../../src/engine/compile.js";
import { REFERENCE_BACKEND, runEagerly } from "../../../src/engine/eager.js";
import { simplify } from "../../../src/engine/simplify.js";
import { trace } from "../../../src/engine/tracing.js";
import { relativeError } from "../../support/compare.js";

/** Operators by name, those on blocks without their domain but in brackets. */
function opsOf(program: Program, shapes: Shapes, n: number): string[] {
  const graph = trace(program, shapes, "convolution");
  simplify(graph);
  blockConvolutions(graph, n);
  return graph.nodes
    .map(({ op }) => op.replace(/^com\.microsoft\.nchwc\.(.*)/, "[$1]"))
    .filter((op) => op !== "Reshape");
}

/** The same numbers as tfjs's own backend computes from the program as it is written. */
async function expectSame(program: Program, shapes: Shapes, threads = 1): Promise<void> {
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], s) => [
      name,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(3 * i * (i + s + 1))),
    ]),
  );
  const compiled = await compile(program, shapes, { threads });
  const found = await compiled.run(inputs);
  await compiled.dispose();
  const expected = runEagerly(program, shapes, inputs, {}, REFERENCE_BACKEND);
  for (const name in expected) expect(relativeError(found[name]!, expected[name]!), name).toBeLessThan(2e-6);
}

type Convolve = (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor;

/** The result and both gradients. */
const withGradients =
  (convolve: Convolve): Program =>
  ({ x, filter }) => {
    const f = (x: tf.Tensor, filter: tf.Tensor): tf.Tensor => convolve(x as tf.Tensor4D, filter as tf.Tensor4D);
    const y = f(x!, filter!);
    // Errors that differ from pixel to pixel.
    const [dx, dfilter] = tf.grads((x, filter) => tf.sum(tf.square(f(x!, filter!))))([x!, filter!]);
    return { y, dx: dx!, dfilter: dfilter! };
  };

test("a convolution and the gradient of its input run in blocks; filters are arranged without slow transpositions", async () => {
  const n = await blockSize();
  expect([0, 8, 16]).toContain(n);
  const shapes = { x: [2, 9, 8, 2 * n], filter: [3, 3, 2 * n, n] };
  const loss = (x: tf.Tensor, filter: tf.Tensor): tf.Scalar =>
    tf.sum(tf.square(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same")));
  const program: Program = ({ x, filter }) => {
    const [dx, dfilter] = tf.grads(loss as (...args: tf.Tensor[]) => tf.Scalar)([x!, filter!]);
    return { dx: dx!, dfilter: dfilter! };
  };
  const ops = opsOf(program, shapes, n || 16);
  expect(ops.filter((op) => op === "[Conv]")).toHaveLength(2);
  expect(ops).not.toContain("Conv");
  // Numbers of the filter that lie next to one another move together.
  const graph = trace(program, shapes, "convolution");
  blockConvolutions(graph, n || 16);
  const perms = graph.nodes.filter(({ op, inputs }) => op === "Transpose" && inputs[0]!.shape.length > 4);
  expect(perms.map(({ attributes }) => (attributes["perm"] as number[]).at(-1))).toEqual([5, 4]);
});

test.each<[string, number, number, Convolve]>([
  ["3 × 3", 16, 32, (x, filter) => tf.conv2d(x, filter, 1, "same")],
  ["more channels in than out", 48, 16, (x, filter) => tf.conv2d(x, filter, 1, "same")],
  ["without padding", 32, 32, (x, filter) => tf.conv2d(x, filter, 1, "valid")],
  ["of stride 2", 16, 32, (x, filter) => tf.conv2d(x, filter, 2, "same")],
  ["of unequal strides", 16, 16, (x, filter) => tf.conv2d(x, filter, [1, 2], "same")],
  ["with dilations", 16, 16, (x, filter) => tf.conv2d(x, filter, 1, "same", "NHWC", 2)],
  ["whose channels do not fill blocks", 12, 16, (x, filter) => tf.conv2d(x, filter, 1, "same")],
  ["of a mean", 16, 32, (x, filter) => tf.conv2d(tf.avgPool(x, 2, 2, "valid"), filter, 1, "same")],
  ["of a mean over the edge", 16, 16, (x, filter) => tf.conv2d(tf.avgPool(x, 3, 2, "same"), filter, 1, "same")],
  ["of a convolution", 16, 16, (x, filter) => tf.conv2d(tf.conv2d(x, filter, 1, "same"), filter, 1, "same")],
])("a convolution %s is right in blocks", async (name, from, to, convolve) => {
  for (const [rows, columns] of [
    [8, 8],
    [13, 6],
  ] as const) {
    const shapes = { x: [2, rows, columns, from], filter: [3, 3, from, to] };
    // tfjs has no gradient of dilations, and that of means over the edge is not their derivative.
    const program: Program = /dilations|edge/.test(name)
      ? ({ x, filter }) => ({ y: convolve(x as tf.Tensor4D, filter as tf.Tensor4D) })
      : withGradients(convolve);
    await expectSame(program, shapes);
    await expectSame(program, shapes, 2);
  }
});

test("filters that were turned or computed are arranged as well", async () => {
  const shapes = { x: [2, 8, 8, 16], filter: [3, 3, 16, 32] };
  await expectSame(
    ({ x, filter }) => ({ y: tf.conv2d(x as tf.Tensor4D, tf.square(filter!) as tf.Tensor4D, 1, "same") }),
    shapes,
  );
  await expectSame(
    ({ x, filter }) => ({
      y: tf.conv2d(x as tf.Tensor4D, tf.transpose(filter!, [2, 3, 0, 1]) as tf.Tensor4D, 1, "same"),
    }),
    { x: [2, 8, 8, 16], filter: [16, 32, 3, 3] },
  );
});

test("a mean in blocks serves others in its own layout", async () => {
  const program: Program = ({ x, filter }) => {
    const mean = tf.avgPool(x as tf.Tensor4D, 2, 2, "valid");
    return { mean, y: tf.conv2d(mean, filter as tf.Tensor4D, 1, "same"), sum: tf.sum(mean, [1, 2]) };
  };
  await expectSame(program, { x: [2, 8, 8, 16], filter: [3, 3, 16, 16] });
});

test("what ONNX Runtime arranges better itself is left alone", () => {
  const constant: Program = ({ x }) => ({ y: tf.conv2d(x as tf.Tensor4D, tf.ones([3, 3, 16, 16]), 1, "same") });
  expect(opsOf(constant, { x: [1, 8, 8, 16] }, 16)).toContain("Conv");
  const depthwise: Program = ({ x, filter }) => ({
    y: tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same"),
  });
  expect(opsOf(depthwise, { x: [1, 8, 8, 16], filter: [3, 3, 16, 1] }, 16)).toContain("Conv");
  const small: Program = ({ x, filter }) => ({ y: tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same") });
  expect(opsOf(small, { x: [8, 2, 2, 16], filter: [3, 3, 16, 64] }, 16)).toContain("Conv");
  expect(opsOf(small, { x: [2, 8, 8, 16], filter: [3, 3, 16, 16] }, 0)).toContain("Conv");
});

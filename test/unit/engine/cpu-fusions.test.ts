import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { compile, type Program, type Shapes } from "../../../src/engine/compile.js";
import { fuseForCpu } from "../../../src/engine/cpu-fusions.js";
import { REFERENCE_BACKEND, runEagerly } from "../../../src/engine/eager.js";
import { simplify } from "../../../src/engine/simplify.js";
import { trace } from "../../../src/engine/tracing.js";
import { relativeError } from "../../support/compare.js";

function opsOf(program: Program, shapes: Shapes, threads = 1): string[] {
  const graph = trace(program, shapes, "fused");
  simplify(graph);
  fuseForCpu(graph, threads);
  return graph.nodes.map(({ op }) => op).filter((op) => op !== "Reshape");
}

/** The same numbers as tfjs's own backend computes from the program as it is written. */
async function expectSame(program: Program, shapes: Shapes): Promise<void> {
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], s) => [
      name,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(3 * i * (i + s)) + s),
    ]),
  );
  const compiled = await compile(program, shapes, { threads: 1 });
  const found = await compiled.run(inputs);
  await compiled.dispose();
  const expected = runEagerly(program, shapes, inputs, {}, REFERENCE_BACKEND);
  for (const name in expected) expect(relativeError(found[name]!, expected[name]!), name).toBeLessThan(1e-6);
}

const rows = { x: [2, 3, 20], a: [2, 3, 1], b: [2, 3, 1] };

test("a line with coefficients per row goes through memory once, whatever the order of its terms", async () => {
  const orders: Program[] = [
    ({ x, a, b }) => ({ y: tf.add(tf.mul(x!, a!), b!) }),
    ({ x, a, b }) => ({ y: tf.add(b!, tf.mul(a!, x!)) }),
  ];
  for (const program of orders) {
    expect(opsOf(program, rows)).toEqual(["BatchNormalization"]);
    await expectSame(program, rows);
  }
  // It runs on one thread, so that many threads have no use for it.
  expect(opsOf(orders[0]!, rows, 4)).toEqual(["Mul", "Add"]);
});

test.each<[string, Shapes, Program]>([
  [
    "whose product is wanted elsewhere",
    rows,
    ({ x, a, b }) => {
      const p = tf.mul(x!, a!);
      return { y: tf.add(p, b!), p };
    },
  ],
  ["with one offset for all rows", { ...rows, b: [1, 1, 1] }, ({ x, a, b }) => ({ y: tf.add(tf.mul(x!, a!), b!) })],
  ["with offsets along the row", { ...rows, b: [20] }, ({ x, a, b }) => ({ y: tf.add(tf.mul(x!, a!), b!) })],
  ["of short rows", { x: [6, 2], a: [6, 1], b: [6, 1] }, ({ x, a, b }) => ({ y: tf.add(tf.mul(x!, a!), b!) })],
])("a line %s is right", async (_, shapes, program) => {
  await expectSame(program, shapes);
});

test("numbers repeated for a product are never written down", async () => {
  const shapes = { x: [2, 4, 16], y: [2, 12, 16] };
  const program: Program = ({ x, y }) => {
    const repeated = tf.reshape(tf.tile(tf.reshape(x!, [8, 1, 16]), [1, 3, 1]), [2, 12, 16]);
    return { product: tf.mul(y!, repeated) };
  };
  expect(opsOf(program, shapes)).toEqual(["Mul"]);
  await expectSame(program, shapes);
  const twice: Program = (inputs) => {
    const repeated = tf.reshape(tf.tile(tf.reshape(inputs["x"]!, [8, 1, 16]), [1, 3, 1]), [2, 12, 16]);
    return { product: tf.mul(inputs["y"]!, repeated), square: tf.mul(repeated, repeated), repeated };
  };
  await expectSame(twice, shapes);
  await expectSame(program, { x: [2, 4, 16], y: [12, 16] }); // y is repeated too
});

test("the slope of ReLU is one pass, exact from the smallest normal number on", async () => {
  const program: Program = ({ x }) => ({ slope: tf.grad((v: tf.Tensor) => tf.relu(v))(x!) });
  const ops = opsOf(program, { x: [64] });
  expect(ops).toContain("HardSigmoid");
  expect(ops).not.toContain("Cast");
  await expectSame(program, { x: [64] });
  const compiled = await compile(program, { x: [8] }, { threads: 1 });
  const x = Float32Array.of(-1, 0, 1.2e-38, 1e-30, 1, 3e38, Infinity, -Infinity);
  expect([...(await compiled.run({ x }))["slope"]!]).toEqual([0, 0, 1, 1, 1, 1, 1, 0]);
  await compiled.dispose();
});

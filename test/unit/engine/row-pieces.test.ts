import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import { compile, type Program, type Shapes } from "../../../src/engine/compile.js";
import { fuseForCpu } from "../../../src/engine/cpu-fusions.js";
import { REFERENCE_BACKEND, runEagerly } from "../../../src/engine/eager.js";
import { Graph } from "../../../src/engine/graph.js";
import { pieceRows } from "../../../src/engine/row-pieces.js";
import { simplify } from "../../../src/engine/simplify.js";
import { trace } from "../../../src/engine/tracing.js";
import { relativeError } from "../../support/compare.js";

/** Rows of a piece; undefined where the program stays whole. */
function piece(program: Program, shapes: Shapes, threads = 1): number | undefined {
  const graph = trace(program, shapes, "rows");
  simplify(graph);
  fuseForCpu(graph, threads);
  pieceRows(graph, threads);
  const body = graph.nodes.find(({ op }) => op === "Scan")?.attributes["body"];
  return body instanceof Graph ? body.inputs.at(-1)!.shape[0] : undefined;
}

/** The same numbers as tfjs's own backend computes from the program as it is written. */
async function expectSame(program: Program, shapes: Shapes): Promise<void> {
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], s) => [
      name,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => 0.3 * Math.sin(3 * i * (i + s + 1))),
    ]),
  );
  const expected = runEagerly(program, shapes, inputs, {}, REFERENCE_BACKEND);
  for (const threads of [1, 2, 3, 4]) {
    const compiled = await compile(program, shapes, { threads });
    for (let run = 0; run < 2; run++) {
      const found = await compiled.run(inputs);
      for (const name in expected) expect(relativeError(found[name]!, expected[name]!), name).toBeLessThan(5e-6);
    }
    await compiled.dispose();
  }
}

const [P, WIDE] = [1024, 512];
const shapes = {
  ...{ k: [P, 3], z: [P, 2], weight: [P], target: [P] },
  ...{ basis: [3, WIDE], latent: [2, WIDE], first: [WIDE, 8], offset: [8], last: [8, 1] },
};

/** A weighted mean of squares of a small network, and gradients of its weights and of its rows. */
const step: Program = (inputs) => {
  const { k, weight, target, basis } = inputs as Record<string, tf.Tensor>;
  const loss = (z: tf.Tensor, latent: tf.Tensor, first: tf.Tensor, offset: tf.Tensor, last: tf.Tensor): tf.Scalar => {
    const waves = tf.cos(
      tf.add(tf.matMul(k as tf.Tensor2D, basis as tf.Tensor2D), tf.matMul(z as tf.Tensor2D, latent as tf.Tensor2D)),
    );
    const h = tf.relu(tf.add(tf.matMul(waves, first as tf.Tensor2D), offset));
    const f = tf.reshape(tf.matMul(h as tf.Tensor2D, last as tf.Tensor2D), [-1]);
    return tf.div(tf.sum(tf.mul(weight!, tf.square(tf.sub(f, target!)))), tf.sum(tf.square(weight!)));
  };
  const names = ["z", "latent", "first", "offset", "last"];
  const { value, grads } = tf.valueAndGrads(loss as (...args: tf.Tensor[]) => tf.Scalar)(
    names.map((name) => inputs[name]!),
  );
  return { loss: value, ...Object.fromEntries(names.map((name, i) => [`d ${name}`, grads[i]!])) };
};

test("a step on many rows runs in pieces that fit the cache, and gives the same sums and rows", async () => {
  expect(piece(step, shapes)).toBe(512);
  expect(piece(step, shapes, 4)).toBeUndefined(); // all fits four caches
  await expectSame(step, shapes);
});

const shapesOf = (rows: number): Shapes => ({ ...shapes, k: [rows, 3], z: [rows, 2], weight: [rows], target: [rows] });

test("threads multiply their own shares of a piece's rows", async () => {
  expect(piece(step, shapesOf(2048), 2)).toBe(1024);
  await expectSame(step, shapesOf(2048));
});

test("sums over rows of every kind: columns with and without their axis, all of a row, whole numbers", async () => {
  const sums: Program = (inputs) => {
    const { k, basis, first, z } = inputs as Record<string, tf.Tensor2D>;
    const h = tf.matMul(tf.cos(tf.matMul(k!, basis!)), first!);
    return {
      columns: tf.sum(h, 0),
      kept: tf.sum(h, 0, true),
      all: tf.sum(h),
      count: tf.sum(tf.greater(h, 0), 0),
      product: tf.matMul(h, tf.add(h, tf.sum(z!)), true, false),
    };
  };
  const { k, z, basis, first } = shapesOf(4096);
  const used = { k: k!, z: z!, basis: basis!, first: first! };
  expect(piece(sums, used, 2)).toBe(1024);
  await expectSame(sums, used);
});

test("pieces divide the rows", () => {
  const of = (rows: number): number | undefined => piece(step, shapesOf(rows));
  expect(of(1023)).toBe(341);
  expect(of(1021)).toBeUndefined(); // a prime
  expect(of(4096)).toBe(512);
});

test("numbers of weights that equal the number of rows are not taken for rows", async () => {
  const square = { x: [P, 3], a: [3, 8], b: [8, P], s: [P], c: [P, 4], t: [P, 4] };
  const program: Program = ({ x, a, b, s, c, t }) => {
    const loss = (a: tf.Tensor, b: tf.Tensor, s: tf.Tensor, c: tf.Tensor): tf.Scalar => {
      const h = tf.mul(tf.relu(tf.matMul(tf.matMul(x!, a), b)), s);
      return tf.sum(tf.square(tf.sub(tf.matMul(h, c), t!)));
    };
    const { value, grads } = tf.valueAndGrads(loss as (...args: tf.Tensor[]) => tf.Scalar)([a!, b!, s!, c!]);
    return { value, da: grads[0]!, db: grads[1]!, ds: grads[2]!, dc: grads[3]!, t: tf.sum(t!, 0) };
  };
  expect(piece(program, square)).toBe(256);
  await expectSame(program, square);
});

test.each<[string, Program]>([
  [
    "whose rows need sums over all rows",
    ({ k, basis, first }) => {
      const loss = (basis: tf.Tensor, first: tf.Tensor): tf.Scalar => {
        const h = tf.matMul(k!, basis);
        return tf.sum(tf.square(tf.matMul(tf.sub(h, tf.div(tf.sum(h, 0), P)), first)));
      };
      const [db, df] = tf.grads(loss as (...args: tf.Tensor[]) => tf.Scalar)([basis!, first!]);
      return { db: db!, df: df! };
    },
  ],
  ["without sums", ({ k, basis, first }) => ({ y: tf.matMul(tf.cos(tf.matMul(k!, basis!)), first!) })],
  [
    "whose rows meet other rows",
    ({ k, basis, first }) => {
      const y = tf.matMul(tf.cos(tf.matMul(k!, basis!)), first!);
      return { y: tf.sum(tf.matMul(y, y, true, false)), reversed: tf.sum(tf.mul(y, tf.reverse(y, 0)), 0) };
    },
  ],
])("a program %s stays whole", (_, program) => {
  expect(piece(program, shapes)).toBeUndefined();
});

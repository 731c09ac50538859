import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { type AdamState, adamStep } from "../../../src/engine/adam.js";
import { adamRowsStep, copyAdamRowsState, newAdamRowsState } from "../../../src/engine/adam-rows.js";

const random = seededRandom(5);
const normals = (n: number): Float32Array => Float32Array.from({ length: n }, () => random.normal());
const options = { learningRate: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-6 };

test("each row follows dense Adam over the steps that name it, and rests between", () => {
  const [rows, width] = [4, 3];
  const start = normals(rows * width);
  const table = start.slice();
  const state = newAdamRowsState(rows, width);
  const alone = Array.from({ length: rows }, (_, r) => ({
    x: start.slice(r * width, (r + 1) * width),
    state: {} as AdamState,
  }));
  for (const named of [[0, 2], [2], [3, 0], [2, 3], [0]]) {
    const gradients = normals(named.length * width);
    adamRowsStep(table, named, gradients, state, options);
    named.forEach((r, i) => {
      adamStep({ x: alone[r]!.x }, { x: gradients.slice(i * width, (i + 1) * width) }, alone[r]!.state, options);
    });
  }
  alone.forEach(({ x }, r) => {
    expect(table.slice(r * width, (r + 1) * width)).toEqual(x);
  });
  expect([...state.t]).toEqual([3, 0, 3, 2]);
  expect(table.slice(width, 2 * width)).toEqual(start.slice(width, 2 * width));
});

test("a row named twice is stepped once with the sum of its gradients", () => {
  const [a, b] = [new Float32Array(2), new Float32Array(2)];
  adamRowsStep(a, [1, 1], Float32Array.of(2, 3), newAdamRowsState(2, 1), options);
  adamRowsStep(b, [1], Float32Array.of(5), newAdamRowsState(2, 1), options);
  expect(a).toEqual(b);
});

test("continues from a saved state to the same bits", () => {
  const table = normals(12);
  const state = newAdamRowsState(4, 3);
  adamRowsStep(table, [0, 1, 3], normals(9), state, options);
  const saved = { table: table.slice(), state: copyAdamRowsState(state) };
  const later = normals(6);
  adamRowsStep(table, [1, 2], later, state, options);
  adamRowsStep(saved.table, [1, 2], later, saved.state, options);
  expect(saved.table).toEqual(table);
  expect(saved.state).toEqual(state);
});

test("refuses rows that are not in the table and gradients of another length", () => {
  const step = (rows: number[], n: number) => () =>
    adamRowsStep(new Float32Array(6), rows, new Float32Array(n), newAdamRowsState(2, 3), options);
  expect(step([2], 3)).toThrow("rows[0]: expected a row of 0 to 1, got 2");
  expect(step([0], 2)).toThrow("gradients: expected 1 × 3 numbers, got 2");
});

import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { type AdamState, adamStep } from "../../../src/engine/adam.js";
import { adamRowsRest } from "../../../src/engine/adam-rest.js";
import { adamRowsStep, newAdamRowsState } from "../../../src/engine/adam-rows.js";
import { relativeError } from "../../support/compare.js";

describe("rows that rest and are stepped", () => {
  test.each([
    [1e-8, 1],
    [1e-4, 1e-4],
  ])("end where dense Adam on the whole table puts them (ε %d, gradients of size %d)", (epsilon, size) => {
    const random = seededRandom(3);
    const [rows, width, steps] = [4, 2, 700];
    const options = { learningRate: 0.01, epsilon };
    const table = Float32Array.from({ length: rows * width }, () => random.normal());
    const dense = { x: table.slice() };
    const state = newAdamRowsState(rows, width);
    const denseState: AdamState = {};
    // Row 0 every step, row 1 every 9th, row 2 every 300th, row 3 never.
    for (let step = 0; step < steps; step++) {
      const named = [0, ...(step % 9 === 0 ? [1] : []), ...(step % 300 === 20 ? [2] : [])];
      const gradients = Float32Array.from({ length: named.length * width }, () => size * random.normal());
      adamRowsRest(table, named, step, state, options);
      adamRowsStep(table, named, gradients, state, options);
      const x = new Float32Array(rows * width);
      named.forEach((row, i) => {
        x.set(gradients.subarray(i * width, (i + 1) * width), row * width);
      });
      adamStep(dense, { x }, denseState, options);
    }
    const start = table.slice(3 * width);
    adamRowsRest(table, [0, 1, 2, 3], steps, state, options);
    expect(relativeError(table, dense.x)).toBeLessThan(1e-5);
    expect(table.slice(3 * width)).toEqual(start);
    for (const name of ["m", "v"] as const)
      expect(relativeError(state[name], denseState["x"]![name]), name).toBeLessThan(1e-5);
    expect([...state.t]).toEqual([steps, steps, steps, steps]);
  });

  test.each([
    [60, 7.6],
    [375, 17.8],
    [1875, 29],
  ])("drift per visit under a constant gradient, once in %i steps: %d rates", (every, expected) => {
    const options = { learningRate: 1e-3 };
    const table = new Float32Array(1);
    const state = newAdamRowsState(1, 1);
    let step = 0;
    let before = 0;
    for (let visit = 0; visit < 60; visit++, step += every) {
      adamRowsRest(table, [0], step, state, options);
      before = table[0]!;
      adamRowsStep(table, [0], Float32Array.of(-1), state, options);
    }
    adamRowsRest(table, [0], step, state, options);
    expect(Math.abs((table[0]! - before) / 1e-3 / expected - 1)).toBeLessThan(0.02);
  });

  test("refuse to go back", () => {
    const state = newAdamRowsState(1, 1);
    adamRowsRest(new Float32Array(1), [0], 5, state, { learningRate: 1 });
    const back = (): void => adamRowsRest(new Float32Array(1), [0], 4, state, { learningRate: 1 });
    expect(back).toThrow("rows[0]: expected a row left at step 4 or before, got 5");
  });
});

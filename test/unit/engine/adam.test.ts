import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { type AdamState, adamStep, copyAdamState } from "../../../src/engine/adam.js";

const random = seededRandom(5);
const normals = (n: number): Float32Array => Float32Array.from({ length: n }, () => random.normal());

test("the first step is the learning rate against the gradient's sign, whatever its size", () => {
  const x = Float32Array.of(1, 1, 1);
  adamStep({ x }, { x: Float32Array.of(4e-3, -70, 0) }, {}, { learningRate: 0.125 });
  expect([...x].map((v) => Math.round(v * 1e5) / 1e5)).toEqual([0.875, 1.125, 1]);
});

test("follows the moments' closed form: exponentially weighted sums of all gradients", () => {
  const [b1, b2, rate, eps] = [0.8, 0.95, 0.01, 1e-3];
  const gradients = Array.from({ length: 7 }, () => normals(5));
  const x = new Float32Array(5);
  const state: AdamState = {};
  for (const g of gradients)
    adamStep({ x }, { x: g }, state, { learningRate: rate, beta1: b1, beta2: b2, epsilon: eps });

  for (let i = 0; i < 5; i++) {
    let expected = 0;
    for (let t = 1; t <= gradients.length; t++) {
      const past = gradients.slice(0, t).map((g) => g[i]!);
      const mean = past.reduce((sum, g, j) => sum + b1 ** (t - 1 - j) * (1 - b1) * g, 0) / (1 - b1 ** t);
      const square = past.reduce((sum, g, j) => sum + b2 ** (t - 1 - j) * (1 - b2) * g * g, 0) / (1 - b2 ** t);
      expected -= (rate * mean) / (Math.sqrt(square) + eps);
    }
    expect(x[i]).toBeCloseTo(expected, 7);
  }
});

test("continues from a saved state to the same bits", () => {
  const gradients = Array.from({ length: 6 }, () => ({ a: normals(8), b: normals(3) }));
  const start = { a: normals(8), b: normals(3) };
  const through = { a: start.a.slice(), b: start.b.slice() };
  const state: AdamState = {};
  let saved: { x: typeof start; state: AdamState } | undefined;
  gradients.forEach((g, i) => {
    if (i === 3) saved = { x: { a: through.a.slice(), b: through.b.slice() }, state: copyAdamState(state) };
    adamStep(through, g, state, { learningRate: 0.1 });
  });
  for (const g of gradients.slice(3)) adamStep(saved!.x, g, saved!.state, { learningRate: 0.1 });
  expect(saved!.x).toEqual(through);
  expect(saved!.state).toEqual(state);
});

test("leaves arrays without a gradient alone", () => {
  const parameters = { a: Float32Array.of(1), basis: Float32Array.of(2) };
  adamStep(parameters, { a: Float32Array.of(1) }, {}, { learningRate: 0.5 });
  expect(parameters.basis).toEqual(Float32Array.of(2));
});

test("refuses a gradient of nothing and a gradient of another length", () => {
  const step = (gradients: Record<string, Float32Array>) => () =>
    adamStep({ a: new Float32Array(2) }, gradients, {}, { learningRate: 0.1 });
  expect(step({ b: new Float32Array(2) })).toThrow('gradient "b": expected one of a, got b');
  expect(step({ a: new Float32Array(3) })).toThrow('gradient "a": expected 2 numbers, got 3');
});

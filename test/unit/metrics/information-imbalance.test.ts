import { expect, test } from "vitest";
import { seededRandom, shuffledIndices } from "../../../src/core/random.js";
import { type LatentPoints, pointsAt } from "../../../src/latent/points.js";
import { informationImbalance } from "../../../src/metrics/information-imbalance.js";

const line = (...values: number[]): LatentPoints => ({ values, dimension: 1 });
const space = (count: number, dimension: number, seed: number): LatentPoints => {
  const random = seededRandom(seed);
  return { values: Float64Array.from({ length: count * dimension }, () => random.uniform()), dimension };
};

/** Δ(a → b) by sorting all the others of every point; of ties, who comes first in the list. */
function bySorting(a: LatentPoints, b: LatentPoints): number {
  const count = a.values.length / a.dimension;
  const sorted = ({ values, dimension }: LatentPoints, i: number): number[] => {
    const squares = Array.from({ length: count }, (_, j) => {
      let sum = 0;
      for (let d = 0; d < dimension; d++) sum += (values[i * dimension + d]! - values[j * dimension + d]!) ** 2;
      return { j, sum };
    });
    squares.splice(i, 1);
    return squares.sort((x, y) => x.sum - y.sum).map(({ j }) => j);
  };
  let sum = 0;
  for (let i = 0; i < count; i++) sum += sorted(b, i).indexOf(sorted(a, i)[0]!) + 1;
  return (2 * sum) / count ** 2;
}

test("ranks on a line by hand", () => {
  const { aToB, bToA } = informationImbalance(line(0, 1, 3, 7), line(0, 10, 1, 5.2));
  // Nearest in a: 1, 0, 1, 2; their ranks in b: 3, 3, 3, 1. Nearest in b: 2, 3, 0, 2; their ranks in a: 2, 3, 2, 1.
  expect(aToB).toBeCloseTo((2 * (3 + 3 + 3 + 1)) / 16, 12);
  expect(bToA).toBeCloseTo((2 * (2 + 3 + 2 + 1)) / 16, 12);
});

test("agrees with sorting all distances", () => {
  const [a, b] = [space(120, 3, 1), space(120, 2, 2)];
  const near = { values: Float64Array.from(a.values, (v, n) => v + 0.1 * (b.values[n % 240]! - 0.5)), dimension: 3 };
  for (const other of [b, near]) {
    const { aToB, bToA } = informationImbalance(a, other);
    expect(aToB).toBeCloseTo(bySorting(a, other), 12);
    expect(bToA).toBeCloseTo(bySorting(other, a), 12);
  }
});

test("is 2/N, the least, where the spaces are one, scaled and mirrored", () => {
  const a = space(200, 2, 3);
  const { aToB, bToA } = informationImbalance(a, { ...a, values: Float64Array.from(a.values, (v) => 4 - 3 * v) });
  expect([aToB, bToA]).toEqual([expect.closeTo(0.01, 12), expect.closeTo(0.01, 12)]);
});

test("is 1 where neither tells the other", () => {
  const { aToB, bToA } = informationImbalance(space(2000, 2, 4), space(2000, 1, 5));
  // The rank is uniform on 1..N−1: Δ has mean 1 and a standard deviation of 1/√(3N) = 0.013 or a little more.
  expect(Math.abs(aToB - 1)).toBeLessThan(0.06);
  expect(Math.abs(bToA - 1)).toBeLessThan(0.06);
});

test("tells which of two spaces holds more: x gives x², x² gives x but for its sign", () => {
  const x = { values: Float64Array.from(space(2000, 1, 6).values, (v) => 2 * v - 1), dimension: 1 };
  const { aToB, bToA } = informationImbalance(x, { ...x, values: x.values.map((v) => v * v) });
  expect(aToB).toBeLessThan(0.01);
  // Nearest by x² is beside x or beside −x, each with ½. Of all points, those nearer to x than −x is: 2x below x = ⅓, then
  // (1 + x)/2; ⅔ on average. So Δ = 2 · ½ · ⅔.
  expect(Math.abs(bToA - 2 / 3)).toBeLessThan(0.04);
});

test("a space in which all points coincide tells nothing and is told by nothing", () => {
  const a = space(50, 2, 7);
  const collapsed = line(...new Array<number>(50).fill(3));
  expect(informationImbalance(a, collapsed)).toMatchObject({
    aToB: expect.closeTo(1, 12),
    bToA: expect.closeTo(1, 12),
  });
});

test("ties count as in any order, on average", () => {
  const random = seededRandom(8);
  const states = line(0, 0, 0, 10, 10, 10, 31, 31, 70);
  const other = line(0, 5, 5, 5, 14, 14, 40, 0, 99);
  const shaken = ({ values }: LatentPoints): LatentPoints =>
    line(...Array.from(values, (v) => v + 1e-6 * random.normal()));
  const draws = Array.from({ length: 3000 }, () => {
    const [a, b] = [shaken(states), shaken(other)];
    return [bySorting(a, b), bySorting(b, a)] as const;
  });
  const { aToB, bToA } = informationImbalance(states, other);
  [aToB, bToA].forEach((value, way) => {
    const mean = draws.reduce((sum, draw) => sum + draw[way]!, 0) / draws.length;
    const variance = draws.reduce((sum, draw) => sum + (draw[way]! - mean) ** 2, 0) / draws.length;
    const error = Math.sqrt(variance / draws.length);
    expect(error).toBeLessThan(0.004);
    expect(Math.abs(value - mean)).toBeLessThan(4 * error);
  });
  expect(Math.abs(aToB - bToA)).toBeGreaterThan(0.03); // so that the two cannot be exchanged unseen
});

test("does not depend on the order of the particles", () => {
  const [a, b] = [space(80, 2, 9), space(80, 3, 10)];
  const order = shuffledIndices(80, seededRandom(11));
  const again = informationImbalance(
    { ...a, values: pointsAt(a.values, 2, order) },
    { ...b, values: pointsAt(b.values, 3, order) },
  );
  expect(again).toEqual(informationImbalance(a, b));
});

test("refuses spaces that do not pair up", () => {
  expect(() => informationImbalance(line(0, 1, 2, 3), line(0, 1, 2))).toThrow("b: expected 4 points as in a, got 3");
  expect(() => informationImbalance(line(0, 1), line(0, 1))).toThrow("values: expected at least 3 points, got 2");
  expect(() => informationImbalance({ values: [1, 2, 3], dimension: 2 }, line(1, 2))).toThrow(
    "a multiple of 2 numbers",
  );
  expect(() => informationImbalance(line(1, 2, Number.NaN), line(1, 2, 3))).toThrow(
    "finite coordinates, got NaN; point 2",
  );
});

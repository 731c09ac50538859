import fc from "fast-check";
import { expect, test } from "vitest";
import { nearestNeighbours, neighboursOfPoints, neighbourTree } from "../../../src/latent/nearest-neighbours.js";

/** Distances to all points, sorted; of equal ones the smaller index first. */
function slowNeighbours(
  values: readonly number[],
  dimension: number,
  query: readonly number[],
  self: number,
): number[] {
  const count = values.length / dimension;
  const square = (i: number): number => query.reduce((sum, q, d) => sum + (q - values[i * dimension + d]!) ** 2, 0);
  return Array.from({ length: count }, (_, i) => i)
    .filter((i) => i !== self)
    .sort((i, j) => square(i) - square(j) || i - j);
}

/** Few distinct coordinates, so that ties and equal points abound. */
const anyPoints = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 2, max: 90 }), fc.constantFrom(3, 50))
  .chain(([dimension, count, grid]) =>
    fc.record({
      dimension: fc.constant(dimension),
      values: fc.array(fc.integer({ min: 0, max: grid }), {
        minLength: count * dimension,
        maxLength: count * dimension,
      }),
      k: fc.integer({ min: 1, max: count - 1 }),
    }),
  );

test("finds the neighbours that comparing all points finds, in the same order, ties and equal points included", () => {
  fc.assert(
    fc.property(anyPoints, ({ values, dimension, k }) => {
      const { indices, distances } = nearestNeighbours(neighbourTree(values, dimension), k);
      for (let i = 0; i < values.length / dimension; i++) {
        const point = values.slice(i * dimension, (i + 1) * dimension);
        const wanted = slowNeighbours(values, dimension, point, i).slice(0, k);
        expect([...indices.subarray(i * k, (i + 1) * k)]).toEqual(wanted);
        const last = values.slice(wanted[k - 1]! * dimension, (wanted[k - 1]! + 1) * dimension);
        expect(distances[i * k + k - 1]).toBeCloseTo(Math.hypot(...last.map((v, d) => v - point[d]!)), 12);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("finds the neighbours of points that are not in the tree, as many as all", () => {
  fc.assert(
    fc.property(anyPoints, ({ values, dimension, k }) => {
      const queries = values.slice(0, 2 * dimension).map((v) => v + 0.5);
      const { indices } = neighboursOfPoints(neighbourTree(values, dimension), queries, k + 1);
      for (let i = 0; i < queries.length / dimension; i++) {
        const query = queries.slice(i * dimension, (i + 1) * dimension);
        const wanted = slowNeighbours(values, dimension, query, -1).slice(0, k + 1);
        expect([...indices.subarray(i * (k + 1), (i + 1) * (k + 1))]).toEqual(wanted);
      }
    }),
    { seed: 2, numRuns: 100 },
  );
});

test("refuses more neighbours than there are points", () => {
  const tree = neighbourTree([1, 2, 3], 1);
  expect(() => nearestNeighbours(tree, 3)).toThrow("k: expected a whole number from 1 to 2, got 3");
  expect(() => neighboursOfPoints(tree, [1], 4)).toThrow("k: expected a whole number from 1 to 3, got 4");
});

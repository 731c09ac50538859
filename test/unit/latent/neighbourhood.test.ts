import fc from "fast-check";
import { expect, test } from "vitest";
import { agglomerate, cutTree, type Linkage } from "../../../src/latent/agglomeration.js";
import { kernelLogDensity, neighbourLogDensity } from "../../../src/latent/density.js";
import { geodesics, wayThrough, wayTo } from "../../../src/latent/geodesics.js";
import { nearestNeighbours, neighbourTree } from "../../../src/latent/nearest-neighbours.js";
import { neighbourGraph } from "../../../src/latent/neighbour-graph.js";
import { localOutlierFactors, mahalanobisDistances } from "../../../src/latent/outliers.js";
import { expectClose, golden } from "../../support/scikit-learn.js";

const blobs: number[] = golden.kmeans.points.flat();
const line: number[] = golden.trustworthiness.points.flat();
const near = (values: ArrayLike<number>, dimension: number, k: number): ReturnType<typeof nearestNeighbours> =>
  nearestNeighbours(neighbourTree(values, dimension), k);

test("outlier factors are scikit-learn's, Mahalanobis distances SciPy's", () => {
  expectClose(localOutlierFactors(near(blobs, 3, 12)), golden.outlierFactors, 1e-9);
  expectClose(mahalanobisDistances(blobs, 3), golden.mahalanobis, 1e-9);
});

test("the density by kernels is SciPy's gaussian_kde", () => {
  const places = golden.trustworthiness.points.flatMap((row: number[]) => row.slice(0, 3));
  expectClose(kernelLogDensity(blobs, 3, places), golden.kernelLogDensity, 1e-8);
  expect(() => kernelLogDensity([1, 1, 2, 2], 2, [0, 0])).toThrow("points that spread along every axis");
});

test("the density by neighbours of points on a grid is one point per cell", () => {
  const side = 41;
  const grid = Array.from({ length: side * side }, (_, i) => [i % side, Math.floor(i / side)]).flat();
  const centre = (side * side - 1) / 2;
  // Of the 1,680 others, 36 lie within 3.17 steps of the centre (of a circle's π 3.17² = 31.5); p = k / (n V r²).
  const density = neighbourLogDensity(near(grid, 2, 36), 2)[centre]!;
  expect(density).toBeCloseTo(Math.log(36 / 1680 / (Math.PI * 10)), 9);
});

test("shortest ways have SciPy's lengths, Infinity between islands", () => {
  const { neighbours, sources, distances } = golden.ways;
  const graph = neighbourGraph(near(blobs, 3, neighbours));
  sources.forEach((source: number, n: number) => {
    const found = geodesics(graph, source).distances;
    expectClose(
      found.map((d) => (d === Number.POSITIVE_INFINITY ? -1 : d)),
      distances[n],
      1e-9,
    );
  });
});

test("a way follows the data round a bend, passes its anchors once each, and its steps add up to its length", () => {
  const arc = Array.from({ length: 60 }, (_, i) => [Math.cos(i / 20), Math.sin(i / 20)]).flat();
  const graph = neighbourGraph(near(arc, 2, 2));
  const ways = geodesics(graph, 0);
  const way = wayTo(ways, 59);
  expect([way[0], way.at(-1)]).toEqual([0, 59]);
  expect(ways.distances[59]).toBeGreaterThan(2.9); // the arc is 2.95 long, the chord 1.99
  expect(ways.distances[59]).toBeLessThan(2.951);
  const through = wayThrough(graph, [10, 59, 0]);
  expect(through.filter((i) => i === 59)).toEqual([59]);
  expect([through[0], through.at(-1)]).toEqual([10, 0]);
});

test("a target that no way leads to is refused", () => {
  const graph = neighbourGraph(near([0, 1, 50, 51], 1, 1));
  expect(() => wayTo(geodesics(graph, 0), 3)).toThrow(
    "target: expected a point that a way from 0 leads to, got 3; take more neighbours, or points of one island",
  );
});

test.each([
  "ward",
  "average",
  "complete",
  "single",
] as Linkage[])("merging by %s has SciPy's pairs and heights", (linkage) => {
  const { pairs, heights } = agglomerate(line, 4, { linkage });
  golden.links[linkage].forEach(([a, b, height]: number[], merge: number) => {
    expect([...pairs.subarray(2 * merge, 2 * merge + 2)]).toEqual([a, b]);
    expect(heights[merge]).toBeCloseTo(height!, 9);
  });
});

test("a point of size two merges as two equal points do", () => {
  const doubled = agglomerate([0, 0, 3, 7], 1);
  const sized = agglomerate([0, 3, 7], 1, { sizes: [2, 1, 1] });
  expectClose(sized.heights, [...doubled.heights.subarray(1)], 1e-12);
});

test("cutting the tree leaves as many groups as asked for, numbered by their first points", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 30 }), (values) => {
      const tree = agglomerate(values, 1);
      for (let groups = 1; groups <= values.length; groups++) {
        const labels = cutTree(tree, groups);
        const firsts = [...new Set(labels)];
        expect(firsts).toEqual(Array.from({ length: groups }, (_, g) => g));
      }
    }),
    { seed: 1, numRuns: 50 },
  );
  expect([...cutTree(agglomerate([0, 9, 1, 10], 1), 2)]).toEqual([0, 1, 0, 1]);
  expect(() => agglomerate(new Array(2001).fill(0), 1)).toThrow("at most 2000 points, got 2001");
});

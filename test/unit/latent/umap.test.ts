import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { fuzzyGraph } from "../../../src/latent/fuzzy-graph.js";
import { kMeans } from "../../../src/latent/kmeans.js";
import { nearestNeighbours, neighbourTree } from "../../../src/latent/nearest-neighbours.js";
import { trustworthiness } from "../../../src/latent/trustworthiness.js";
import { fitUmap, placePoints, umap } from "../../../src/latent/umap.js";
import { layoutCurve } from "../../../src/latent/umap-layout.js";

const golden = JSON.parse(readFileSync(new URL("../../golden/umap-learn/values.json", import.meta.url), "utf8"));
const values: number[] = golden.points.flat();

test("the curve of the layout is umap-learn's", () => {
  for (const { minDistance, ab } of golden.curves) {
    const { a, b } = layoutCurve(minDistance);
    expect(Math.abs(a - ab[0])).toBeLessThan(1e-5);
    expect(Math.abs(b - ab[1])).toBeLessThan(1e-5);
  }
});

test("the graph of neighbours has umap-learn's weights", () => {
  const { every, neighbours, weights } = golden.graph;
  const some = golden.points.filter((_: unknown, i: number) => i % every === 0);
  const graph = fuzzyGraph(nearestNeighbours(neighbourTree(some.flat(), 8), neighbours - 1));
  const found = some.map(() => new Array<number>(some.length).fill(0));
  for (let i = 0; i < graph.count; i++)
    for (let e = graph.starts[i]!; e < graph.starts[i + 1]!; e++) found[i]![graph.targets[e]!] = graph.weights[e]!;
  weights.forEach((row: number[], i: number) => {
    row.forEach((weight, j) => {
      expect(Math.abs(found[i]![j]! - weight)).toBeLessThan(1e-4);
    });
  });
});

test("its pictures are as trustworthy as umap-learn's, within 0.01", () => {
  const picture = { values: umap(values, 8), dimension: 2 };
  const ours = trustworthiness({ values, dimension: 8 }, picture, 15);
  const theirs = golden.trustworthiness.reduce((sum: number, t: number) => sum + t / 3, 0);
  expect(ours).toBeGreaterThan(theirs - 0.01);
});

test("points placed afterwards are as trustworthy as umap-learn's, and move nothing", () => {
  const half = (odd: number): number[] => golden.points.filter((_: unknown, i: number) => i % 2 === odd).flat();
  const model = fitUmap(half(0), 8);
  const before = model.embedding.slice();
  const placed = placePoints(model, half(1));
  expect(model.embedding).toEqual(before);
  const joined = Float32Array.from({ length: 1600 }, (_, at) => {
    const [i, c] = [at >> 1, at & 1];
    return (i % 2 === 0 ? before : placed)[2 * (i >> 1) + c]!;
  });
  const ours = trustworthiness({ values, dimension: 8 }, { values: joined, dimension: 2 }, 15);
  expect(ours).toBeGreaterThan(golden.trustworthinessPlaced - 0.01);
});

test("blobs in eight dimensions stay apart", () => {
  const random = seededRandom(1);
  const blobs = Array.from({ length: 120 * 8 }, (_, at) => {
    const [blob, axis] = [Math.floor(at / 320), at % 8];
    return (axis === blob ? 10 : 0) + 0.5 * random.normal();
  });
  expect([...kMeans(umap(blobs, 8, { epochs: 200 }), 2, 3).sizes]).toEqual([40, 40, 40]);
});

test("the same seed gives the same picture, another seed another", () => {
  const some = values.slice(0, 400);
  const first = umap(some, 8, { epochs: 50, seed: 4 });
  expect(umap(some, 8, { epochs: 50, seed: 4 })).toEqual(first);
  expect(umap(some, 8, { epochs: 50, seed: 5 })).not.toEqual(first);
});

test("takes fewer points than neighbours, one dimension, points that are all the same, and no points to place", () => {
  expect(umap([1, 2, 3, 4, 8], 1, { epochs: 20 }).every(Number.isFinite)).toBe(true);
  expect(umap(new Array(40).fill(3), 2, { epochs: 20 }).every(Number.isFinite)).toBe(true);
  expect(placePoints(fitUmap([1, 2, 3, 4, 8], 1, { epochs: 20 }), []).length).toBe(0);
  expect(() => umap([1, 2], 1)).toThrow("values: expected at least 4 points, got 2");
});

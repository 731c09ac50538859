import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import {
  bestSeed,
  createImageTable,
  drawnImages,
  drawnPoses,
  drawPose,
  KEEP,
  startingPoses,
  storeSeeds,
  withClasses,
} from "../../../src/mixture/image-table.js";
import { POSE_STRIDE } from "../../../src/pose/pose-row.js";

/** Found poses whose numbers are recognisable: 100 · place + column, and the scores given. */
function foundPoses(scores: readonly number[]): Float64Array {
  const found = new Float64Array(KEEP * POSE_STRIDE).fill(-Infinity);
  scores.forEach((score, place) => {
    for (let c = 0; c < 8; c++) found[place * POSE_STRIDE + c] = 100 * place + c;
    found[place * POSE_STRIDE + 8] = score;
  });
  return found;
}
const seedsIn = bestSeed(1) / POSE_STRIDE;

describe("an image table", () => {
  test("starts with nobody anywhere: no class, equal posteriors, no visit", () => {
    const table = createImageTable(4, 3, 2);
    expect(Array.from(table.classes)).toEqual([-1, -1, -1, -1]);
    expect(table.posterior.every((p) => p === Math.fround(1 / 3))).toBe(true);
    expect(Array.from(table.visited)).toEqual([-1, -1, -1, -1]);
    expect(table.z).toHaveLength(24);
  });

  test("keeps the best poses of a search as seeds, best first", () => {
    const table = createImageTable(2, 2, 0);
    storeSeeds(table, 3, foundPoses([5, 9, 1, 7, -2, 3]), 0);
    const rows = Array.from({ length: seedsIn }, (_, i) => {
      const at = bestSeed(3) + i * POSE_STRIDE;
      return [table.seeds[at], table.seeds[at + 8]];
    });
    expect(rows).toEqual([
      [100, 9],
      [300, 7],
      [0, 5],
    ]);
    expect(table.seeds.subarray(0, bestSeed(3)).every((v) => v === 0)).toBe(true);
  });

  test("leaves seeds empty when a search found fewer", () => {
    const table = createImageTable(1, 1, 0);
    storeSeeds(table, 0, foundPoses([5, 9, 1]), 0);
    storeSeeds(table, 0, foundPoses([4]), 0);
    expect(table.seeds[8]).toBe(4);
    for (let i = 1; i < seedsIn; i++) expect(table.seeds[i * POSE_STRIDE + 8]).toBe(-Infinity);
  });
});

describe("starting poses", () => {
  test("say where to search: everywhere, near the seeds of that class, or not at all", () => {
    const table = createImageTable(3, 2, 1);
    storeSeeds(table, 2 * 2 + 1, foundPoses([8, 6]), 0); // image 2, class 1
    const asked: number[][] = [];
    const out = startingPoses(table, Int32Array.of(2, 0), 2, (image, k) => {
      asked.push([image, k]);
      if (image === 0) return "everywhere";
      return k === 1 ? "nearby" : "nothing";
    });
    expect(asked).toEqual([
      [2, 0],
      [2, 1],
      [0, 0],
      [0, 1],
    ]);
    const first = Array.from({ length: 4 }, (_, slot) => out[slot * KEEP * POSE_STRIDE + 8]);
    expect(first).toEqual([Number.NaN, 8, -Infinity, -Infinity]);
    const at = KEEP * POSE_STRIDE;
    expect(out[at]).toBe(0);
    expect(out[at + POSE_STRIDE]).toBe(100);
    expect(out[at + 2 * POSE_STRIDE + 8]).toBe(-Infinity);
  });
});

describe("drawn poses", () => {
  test("come with probability ∝ exp(score / T)", () => {
    const table = createImageTable(1, 1, 0);
    const found = foundPoses([Math.log(1) * 2, Math.log(4) * 2, Math.log(5) * 2]);
    const random = seededRandom(3);
    const counts = [0, 0, 0];
    for (let i = 0; i < 5000; i++) {
      drawPose(table, 0, found, 0, 2, random);
      counts[table.drawnPose[0]! / 100]! += 1;
    }
    [500, 2000, 2500].forEach((want, i) => {
      expect(Math.abs(counts[i]! - want)).toBeLessThan(4 * Math.sqrt(want));
    });
  });

  test("are the best one when it is cold, however large the scores", () => {
    const table = createImageTable(2, 1, 0);
    drawPose(table, 1, foundPoses([-1e6, -1e6 + 40, -1e6 + 20]), 0, 0.1, seededRandom(1));
    expect(Array.from(drawnPoses(table, [1]))).toEqual([
      100,
      101,
      102,
      103,
      104,
      105,
      106,
      107,
      Math.fround(-1e6 + 40),
    ]);
  });
});

describe("the images that a field learns from", () => {
  const table = createImageTable(300, 2, 0);
  table.drawnClass.forEach((_, i) => {
    table.drawnClass[i] = i < 10 ? -1 : i % 2;
    table.visited[i] = i;
  });

  test("are those drawn for it, visited within the memory", () => {
    const images = drawnImages(table, 1, 300, 150);
    expect(images).toEqual(Array.from({ length: 75 }, (_, i) => 151 + 2 * i));
  });

  test("are all of its class when too few are recent, or all count", () => {
    expect(drawnImages(table, 1, 300, 20)).toHaveLength(145);
    expect(drawnImages(table, 0, 300, Infinity)).toHaveLength(145);
  });
});

test("the table under fewer classes keeps what is known under those, and moves the others' images to the best of them", () => {
  const table = createImageTable(3, 3, 1);
  table.classEvidence.set([1, 9, 5, 7, 2, 3, 0, 0, 0]);
  table.z.set([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0, 0, 0]);
  table.classes.set([1, 0, -1]);
  table.drawnClass.set([1, 2, -1]);
  table.visited.set([10, 11, -1]);
  for (let slot = 0; slot < 6; slot++) storeSeeds(table, slot, foundPoses([slot]), 0);
  table.drawnPose.fill(77, POSE_STRIDE, 2 * POSE_STRIDE);
  const kept = withClasses(table, [0, 2], { K: 3, zDim: 1 });
  expect(Array.from(kept.classEvidence)).toEqual([1, 5, 7, 3, 0, 0]);
  expect(Array.from(kept.z, (v) => Number(v.toFixed(3)))).toEqual([0.1, 0.3, 0.4, 0.6, 0, 0]);
  expect(Array.from(kept.classes)).toEqual([1, 0, -1]);
  expect(Array.from(kept.posterior.subarray(0, 4))).toEqual([0, 1, 1, 0]);
  expect(Array.from(kept.evidence.subarray(0, 2))).toEqual([5, 7]);
  expect(Array.from(kept.visited)).toEqual([10, 11, -1]);
  // Image 0 was drawn for the class that goes: it takes its best seed in the class that stays. Image 1 keeps its draw.
  expect(Array.from(kept.drawnClass)).toEqual([1, 1, -1]);
  expect(kept.drawnPose[8]).toBe(2);
  expect(kept.drawnPose[POSE_STRIDE]).toBe(77);
  expect([0, 1, 2, 3].map((slot) => kept.seeds[bestSeed(slot) + 8])).toEqual([0, 2, 3, 5]);
});

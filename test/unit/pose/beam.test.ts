import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { beamInsert, beamThreshold, createBeam } from "../../../src/pose/beam.js";

test("a beam holds the best few of many, and says what still gets in", () => {
  const random = seededRandom(1);
  const beam = createBeam(7);
  const ranks = Array.from({ length: 500 }, () => random.normal());
  let threshold = beamThreshold(beam);
  expect(threshold).toBe(-Infinity);
  ranks.forEach((rank, item) => {
    if (rank > threshold) threshold = beamInsert(beam, item, rank);
    expect(threshold).toBe(beamThreshold(beam));
    const best = ranks.slice(0, item + 1).toSorted((a, b) => b - a);
    expect(threshold).toBe(item < 6 ? -Infinity : best[6]);
  });
  const held = Array.from(beam.items.slice(0, beam.size), (item) => ranks[item]);
  expect(held.toSorted()).toEqual(Array.from(beam.ranks).toSorted());
  expect(held.toSorted()).toEqual(
    ranks
      .toSorted((a, b) => b - a)
      .slice(0, 7)
      .toSorted(),
  );
});

test("fewer than the beam holds are all kept", () => {
  const beam = createBeam(5);
  for (const item of [3, 1]) beamInsert(beam, item, -item);
  expect(beam.size).toBe(2);
  expect(Array.from(beam.items.slice(0, 2)).toSorted()).toEqual([1, 3]);
});

import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import type { Poses } from "../../../src/core/types.js";
import { geodesicRad, multiply, rotationAt, rotationFromVector, rotationsOf } from "../../../src/geometry/rotation.js";
import { symmetryOperators } from "../../../src/geometry/symmetry.js";
import { type BeadModel, beadModel, beadVolume } from "../../../src/imaging/bead-model.js";
import { prepare } from "../../../src/imaging/prepare.js";
import { median } from "../../../src/metrics/quantile.js";
import { defaultSearchPlan } from "../../../src/pose/default-plan.js";
import { searchPoses } from "../../../src/pose/search-poses.js";
import { crab } from "../../support/known-beads.js";
import { knownParticles, noisySource } from "../../support/known-particles.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const grid = { box: 32, pixelSizeAngstrom: 6 };
const folder = temporaryFolder();
const model = beadModel(crab, 0, 6);
const particles = knownParticles(model, grid, { count: 24, shiftPixels: 2, random: seededRandom(2) });
const set = await prepare(noisySource(particles, grid, 1, 3), folder("set"), { diameterAngstrom: 130 });
const map = beadVolume(model, grid.box, grid.pixelSizeAngstrom);
const one = { threads: 1, order: 2 };
const degrees = (poses: Poses): number[] =>
  particles.map(({ rotation }, i) => (geodesicRad(rotationAt(poses.rotations, i), rotation) * 180) / Math.PI);

describe("poses against a map", () => {
  test("are found from nothing but the map, on any scale, with an uncertainty of the size of the errors", async () => {
    const found = await searchPoses(set, { ...map, values: map.values.map((v) => 1e3 * v) }, one);
    const errors = degrees(found.poses);
    expect(median(errors)).toBeLessThan(2.5);
    const shifts = particles.map(({ shiftAngstrom: [x, y] }, i) =>
      Math.hypot(found.poses.shiftsAngstrom[2 * i]! - x, found.poses.shiftsAngstrom[2 * i + 1]! - y),
    );
    expect(median(shifts)).toBeLessThan(1.5);
    const inside = errors.filter((error, i) => error < (found.spreadRad[i]! * 180) / Math.PI).length;
    expect(inside).toBeGreaterThan(9);
    expect(inside).toBeLessThan(24);
    expect(found.templateBytes).toBeGreaterThan(1e5);
    expect(found.best.every((k) => k === 0)).toBe(true);
    expect(found.posterior.every((p) => p === 1)).toBe(true);
  });

  test("are the same for a map in a finer box", async () => {
    const fine = beadVolume(model, 64, 3);
    const [coarse, finer] = [await searchPoses(set, map, one), await searchPoses(set, fine, one)];
    const apart = particles.map((_, i) =>
      geodesicRad(rotationAt(coarse.poses.rotations, i), rotationAt(finer.poses.rotations, i)),
    );
    expect((median(apart) * 180) / Math.PI).toBeLessThan(0.5);
  });

  test("tell two maps apart: the posterior chooses the right one", async () => {
    const other = beadVolume(beadModel({ ...crab, seed: 9, domains: crab.domains.slice(0, 2) }, 0, 6), 32, 6);
    const found = await searchPoses(set, [other, map], one);
    expect(found.references).toBe(2);
    expect(found.best.filter((k) => k === 1).length).toBeGreaterThan(21);
    for (let i = 0; i < particles.length; i++)
      expect(found.posterior[2 * i]! + found.posterior[2 * i + 1]!).toBeCloseTo(1, 5);
  });

  test("near what was found before: unlikely references are skipped, the others end where they were", async () => {
    const other = beadVolume(beadModel({ ...crab, seed: 9, domains: crab.domains.slice(0, 2) }, 0, 6), 32, 6);
    const first = await searchPoses(set, [other, map], one);
    const again = await searchPoses(set, [other, map], { ...one, previous: first });
    const skipped = again.evidence.filter((evidence) => evidence === -Infinity).length;
    expect(skipped).toBe(first.posterior.filter((p) => p < 1e-3).length);
    expect(skipped).toBeGreaterThan(5);
    expect(again.best).toEqual(first.best);
    const apart = particles.map((_, i) =>
      geodesicRad(rotationAt(first.poses.rotations, i), rotationAt(again.poses.rotations, i)),
    );
    expect(median(apart)).toBeLessThan(0.01);
    const all = await searchPoses(set, [other, map], { ...one, previous: first, prunedBelow: 0 });
    expect(all.evidence.every(Number.isFinite)).toBe(true);
    const none = await searchPoses(set, [other, map], { ...one, previous: first, prunedBelow: 2 });
    expect(none.best).toEqual(first.best);
  });

  test("near what was found in a box of other pixels start at the same places", async () => {
    const images = [2, 9, 11];
    const first = await searchPoses(set, map, { ...one, images });
    const coarse = {
      ...first,
      pixelSizeAngstrom: 2 * first.pixelSizeAngstrom,
      candidates: first.candidates.map((value, i) => (i % 9 === 6 || i % 9 === 7 ? value / 2 : value)),
    };
    const again = await searchPoses(set, map, { ...one, images, previous: coarse });
    expect(again.candidates).toEqual((await searchPoses(set, map, { ...one, images, previous: first })).candidates);
  });

  test("have weights: those of a reference sum to its posterior, and follow the scores", async () => {
    const { weights, posterior, candidates, keep } = await searchPoses(set, [map, map], one);
    for (let slot = 0; slot < posterior.length; slot++) {
      const own = weights.subarray(slot * keep, (slot + 1) * keep);
      expect(own.reduce((a, b) => a + b, 0)).toBeCloseTo(posterior[slot]!, 5);
      const [first, second] = [candidates[slot * keep * 9 + 8]!, candidates[slot * keep * 9 + 17]!];
      expect(own[1]! / own[0]!).toBeCloseTo(Math.exp(set.windowPower * (second - first)), 5);
    }
  });

  test("are those of a map in its mask", async () => {
    const values = map.values.map((_, i) => (i % 32 < 16 ? 1 : 0));
    const inside = { ...map, values: map.values.map((v, i) => v * values[i]!) };
    const images = [0, 1, 2];
    const masked = await searchPoses(set, map, { ...one, images, mask: { ...map, values } });
    expect(masked.candidates).toEqual((await searchPoses(set, inside, { ...one, images })).candidates);
  });

  test("near given poses come to the same tops, for some of the images", async () => {
    const images = [3, 17, 20, 8];
    const everywhere = await searchPoses(set, map, { ...one, images });
    const previous = {
      rotations: rotationsOf(
        images.map((i) => multiply(rotationFromVector([0.03, -0.04, 0.02]), particles[i]!.rotation)),
      ),
      shiftsAngstrom: Float64Array.from(images.flatMap((i) => [...particles[i]!.shiftAngstrom])),
    };
    const near = await searchPoses(set, map, { ...one, images, previous });
    expect(Array.from(near.images)).toEqual(images);
    for (let i = 0; i < images.length; i++) {
      const apart = geodesicRad(rotationAt(near.poses.rotations, i), rotationAt(everywhere.poses.rotations, i));
      expect((apart * 180) / Math.PI).toBeLessThan(1);
      expect(near.evidence[i]! / everywhere.evidence[i]!).toBeGreaterThan(0.98);
    }
  });
});

describe("a symmetric particle", () => {
  test("is searched in its asymmetric unit, and every pose is right up to the symmetry", async () => {
    const group = symmetryOperators("D2");
    const octamer: BeadModel = {
      ...model,
      count: 4 * model.count,
      weights: Float64Array.from({ length: 4 * model.count }, (_, i) => model.weights[i % model.count]!),
      positionsAngstrom: Float64Array.from({ length: 12 * model.count }, (_, i) => {
        const [g, j, row] = [
          rotationAt(group, Math.floor(i / 3 / model.count)),
          Math.floor(i / 3) % model.count,
          i % 3,
        ];
        return [0, 1, 2].reduce((sum, c) => sum + g[3 * row + c]! * model.positionsAngstrom[3 * j + c]!, 0);
      }),
    };
    const images = knownParticles(octamer, grid, { count: 12, shiftPixels: 1, random: seededRandom(5) });
    const symmetric = await prepare(noisySource(images, grid, 1, 3), folder("d2"), { diameterAngstrom: 130 });
    const found = await searchPoses(symmetric, beadVolume(octamer, 32, 6), { ...one, symmetry: "D2" });
    const errors = images.map(({ rotation }, i) =>
      Math.min(
        ...Array.from({ length: 4 }, (_, g) =>
          geodesicRad(multiply(rotationAt(found.poses.rotations, i), rotationAt(group, g)), rotation),
        ),
      ),
    );
    expect((median(errors) * 180) / Math.PI).toBeLessThan(3);
    expect(found.templateBytes).toBeLessThan(
      0.5 * (await searchPoses(symmetric, map, { ...one, images: [0] })).templateBytes,
    );
  });
});

describe("the default plan", () => {
  test("has a finer grid for larger particles, and keeps its radii within the resolution", () => {
    const small = defaultSearchPlan({ ...set, diameterAngstrom: 80 });
    const large = defaultSearchPlan({ ...set, diameterAngstrom: 180 });
    expect([small.order, large.order]).toEqual([2, 3]);
    const low = defaultSearchPlan(set, { resolutionAngstrom: 40 });
    expect(low.radius).toBeCloseTo(192 / 40, 9);
    for (const radius of [low.coarseRadius, ...low.levelRadii!]) expect(radius).toBeLessThanOrEqual(low.radius);
  });
});

const isBuilt = existsSync(new URL("../../../dist/pose/search-worker.js", import.meta.url));
test.skipIf(!isBuilt)("two threads find what one finds", async () => {
  const images = Array.from({ length: 24 }, (_, i) => i);
  const [first, second] = [
    await searchPoses(set, map, { ...one, images, threads: 2 }),
    await searchPoses(set, map, one),
  ];
  expect(first.candidates).toEqual(second.candidates);
});

describe("a search is refused", () => {
  test.each([
    [{ symmetry: "Q" }, "symmetry: expected C1, Cn, Dn, T, O, I, I1 or I2, got Q"],
    [{ order: 5 }, "order: expected 1, 2 or 3, got 5"],
    [{ resolutionAngstrom: 100 }, "resolutionAngstrom: expected at most a third of the box, 64 Å, got 100"],
    [{ scale: 0 }, "scale: expected a finite number other than 0, got 0"],
    [
      { previous: { rotations: rotationsOf([]), shiftsAngstrom: new Float64Array(0) } },
      "previous: expected one pose for each of 24 images, got 0",
    ],
  ])("%o", async (options, message) => {
    await expect(searchPoses(set, map, { ...one, ...options })).rejects.toThrow(message);
  });

  test("with another's mask, or near what was found of other images or references", async () => {
    const mask = { ...map, box: 16 };
    await expect(searchPoses(set, map, { ...one, mask })).rejects.toThrow(
      "mask.box: expected that of the map, 32, got 16",
    );
    const previous = await searchPoses(set, map, { ...one, images: [1, 2] });
    await expect(searchPoses(set, map, { ...one, images: [1, 3], previous })).rejects.toThrow(
      "previous: expected estimates of",
    );
    await expect(searchPoses(set, [map, map], { ...one, images: [1, 2], previous })).rejects.toThrow(
      "previous: expected estimates for 2 references, got 1",
    );
  });

  test("with a map too coarse for the resolution", async () => {
    const coarse = beadVolume(model, 16, 12);
    await expect(searchPoses(set, coarse, one)).rejects.toThrow("reference: expected a map sampled at");
    expect((await searchPoses(set, coarse, { ...one, resolutionAngstrom: 30, images: [1] })).images).toHaveLength(1);
  });
});

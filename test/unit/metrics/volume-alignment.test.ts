import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation } from "../../../src/geometry/rotation.js";
import { readVolume } from "../../../src/io/mrc.js";
import { resampleVolume } from "../../../src/metrics/resample-volume.js";
import { alignVolume } from "../../../src/metrics/volume-alignment.js";
import { hasSharedData, sharedData } from "../../support/shared-data.js";
import { type Bead, beadMap, chiralBeads, moveBeads } from "./gaussian-blobs.js";

const mirror = (q: readonly number[]): number[] => q.map((value, i) => (i < 6 ? value : -value));
/** Angle in degrees between two frames of the same hand. */
const apartDeg = (a: readonly number[], b: readonly number[]): number =>
  (Math.acos(Math.min(1, (a.reduce((sum, value, i) => sum + value * b[i]!, 0) - 1) / 2)) * 180) / Math.PI;

test("shows a map in another frame as V(Q (p − s)), Å and all", () => {
  const q = randomRotation(seededRandom(3));
  const shift: Bead = [2, -1, 1.5];
  const turned = resampleVolume(beadMap(chiralBeads, 40, 5), q, [10, -5, 7.5]);
  const exact = beadMap(moveBeads(chiralBeads, q, shift), 40, 5);
  // Cubic interpolation of beads of 2 voxels: 1 % of the peak.
  turned.values.forEach((value, i) => {
    if (Math.abs(value - exact.values[i]!) > 0.02) expect.fail(`voxel ${i}: ${value} against ${exact.values[i]}`);
  });
});

test.each([
  { seed: 1, box: 40, mirrored: false },
  { seed: 3, box: 24, mirrored: true },
])("recovers rotation, shift and hand (box $box, mirrored $mirrored)", ({ seed, box, mirrored }) => {
  const random = seededRandom(seed);
  const q = mirrored ? mirror(randomRotation(random)) : randomRotation(random);
  const size = box / 40;
  const beads = chiralBeads.map((b) => b.map((p) => p * size) as unknown as Bead);
  const moving = beadMap(beads, box, 5, 2 * size);
  // The reference is what the moving map looks like through Q and s, so Q and s are the answer.
  const shift: Bead = [1.5, -2, 0.5];
  const reference = beadMap(moveBeads(beads, q, shift), box, 5, 2 * size);
  const result = alignVolume(moving, reference);
  expect(result.hand).toBe(mirrored ? "mirrored" : "same");
  expect(apartDeg(result.frame, q)).toBeLessThan(0.5);
  shift.forEach((s, axis) => {
    expect(Math.abs(result.shiftAngstrom[axis]! - 5 * s)).toBeLessThan(0.5);
  });
  expect(result.correlation).toBeGreaterThan(0.995);
});

test("finds the pose under noise twice the signal's standard deviation", () => {
  const random = seededRandom(5);
  const q = mirror(randomRotation(random));
  const reference = beadMap(moveBeads(chiralBeads, q, [0, 1, 0]), 40, 5);
  const moving = beadMap(chiralBeads, 40, 5);
  const sd = Math.sqrt(moving.values.reduce((sum, v) => sum + v * v, 0) / moving.values.length);
  const noisy = { ...moving, values: moving.values.map((v) => v + 2 * sd * random.normal()) };
  const result = alignVolume(noisy, reference);
  expect(result.hand).toBe("mirrored");
  expect(apartDeg(result.frame, q)).toBeLessThan(3);
});

test("is not misled by a lump that draws the centre of mass aside", () => {
  const q = randomRotation(seededRandom(11));
  const reference = beadMap(moveBeads(chiralBeads, q, [0, 0, 0]), 32, 5);
  const lump = beadMap([[13, 12, 0]], 32, 5);
  const beads = beadMap(chiralBeads, 32, 5);
  const moving = { ...beads, values: beads.values.map((v, i) => v + 2 * lump.values[i]!) };
  expect(apartDeg(alignVolume(moving, reference).frame, q)).toBeLessThan(4);
});

test("starts from a given frame without a search", () => {
  const q = randomRotation(seededRandom(8));
  const reference = beadMap(moveBeads(chiralBeads, q, [1, 0, 0]), 40, 5);
  const result = alignVolume(beadMap(chiralBeads, 40, 5), reference, { frames: [q] });
  expect(apartDeg(result.frame, q)).toBeLessThan(0.3);
  expect(result.correlation).toBeGreaterThan(0.995);
});

test.skipIf(!hasSharedData)("finds the hand of a spliceosome map that was turned and mirrored", () => {
  const reference = readVolume(sharedData("recovar", "vol0000.mrc"), { pixelSizeAngstrom: 8.5 });
  const q = mirror(randomRotation(seededRandom(9)));
  const result = alignVolume(resampleVolume(reference, q, [9, -14, 5]), reference);
  expect(result.hand).toBe("mirrored");
  // Twice interpolated.
  expect(result.correlation).toBeGreaterThan(0.97);
});

test("refuses maps of different boxes and NaN", () => {
  const small = beadMap(chiralBeads, 24, 5);
  const large = beadMap(chiralBeads, 32, 5);
  expect(() => alignVolume(small, large)).toThrow("moving.box: expected the reference's box (32), got 24");
  expect(() => alignVolume({ ...small, values: small.values.fill(Number.NaN) }, beadMap(chiralBeads, 24, 5))).toThrow(
    "moving: expected finite densities",
  );
});

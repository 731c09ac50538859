import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation } from "../../../src/geometry/rotation.js";
import { beadModel, beadVolume } from "../../../src/imaging/bead-model.js";
import { rasterFromVolume } from "../../../src/imaging/fourier-raster.js";
import { halfPlane, pointsWithin } from "../../../src/imaging/half-plane.js";
import { emptyNormalEquations, normalEquationsInto } from "../../../src/pose/normal-equations.js";
import { placeRaster } from "../../../src/pose/placed-raster.js";
import { createSlicer } from "../../../src/pose/slicer.js";
import { crab } from "../../support/known-beads.js";
import { slowComparison } from "../../support/slow-slices.js";

const plane = halfPlane(32);
const raster = rasterFromVolume(beadVolume(beadModel(crab, 0, 6), 32, 6), 14);
const all = pointsWithin(plane, 14);
const random = seededRandom(3);
const image = {
  y: Float32Array.from({ length: 2 * all }, () => random.normal()),
  squares: Float32Array.from({ length: all }, () => random.uniform()),
};
const poses = Array.from({ length: 20 }, () =>
  Float64Array.of(...randomRotation(random).slice(0, 6), 6 * random.normal(), 6 * random.normal(), 0),
);
const placed = placeRaster(raster, all, 2);
const slicer = createSlicer(placed, plane, 1);
slicer.setImage(image);

/** Every remainder by four, for groups hold four points. */
const COUNTS = [1, 2, 3, 4, 5, 102, 103, all];

describe("slices in WebAssembly are the plain ones", () => {
  test.each(COUNTS)("in scores of %i points", (points) => {
    for (const pose of poses) {
      const slow = slowComparison(raster, plane, points, image, pose);
      slicer.centre(points, pose[6]!, pose[7]!);
      expect(Math.abs(slicer.score(points, pose, 0) - slow.score)).toBeLessThan(
        2e-5 * Math.sqrt(slow.precision[3]![3]! + points),
      );
    }
  });

  test.each(COUNTS)("in gradient and precision of %i points, in units of the posterior's widths", (points) => {
    const equations = emptyNormalEquations();
    for (const pose of poses) {
      const slow = slowComparison(raster, plane, points, image, pose);
      slicer.centre(points, pose[6]!, pose[7]!);
      normalEquationsInto(equations, slicer, plane.box, points, pose, 0);
      const width = slow.precision.map((row, i) => Math.sqrt(row[i]!) + 1e-9);
      expect(equations.score).toBe(slicer.score(points, pose, 0));
      for (let i = 0; i < 5; i++) {
        expect(Math.abs(equations.gradient[i]! - slow.gradient[i]!) / width[i]!).toBeLessThan(1e-4);
        for (let j = 0; j < 5; j++) {
          const apart = equations.precision[5 * i + j]! - slow.precision[i]![j]!;
          expect(Math.abs(apart) / width[i]! / width[j]!).toBeLessThan(1e-4);
        }
      }
    }
  });

  test("whatever lay in the memory before", () => {
    const points = all - 1; // the last group is not full
    expect(points % 4).not.toBe(0);
    const { memory, values } = placeRaster(raster, points, 1);
    new Uint8Array(memory.buffer, 0, values.byteOffset).fill(0xff); // NaN, read as anything
    const used = createSlicer(placeRaster(raster, points, 1, memory), plane, 0);
    used.setImage({ y: image.y.subarray(0, 2 * points), squares: image.squares.subarray(0, points) });
    for (const pose of poses) {
      for (const one of [slicer, used]) one.centre(points, pose[6]!, pose[7]!);
      expect(used.score(points, pose, 0)).toBe(slicer.score(points, pose, 0));
      expect(used.moments(points, pose, 0).sums).toEqual(slicer.moments(points, pose, 0).sums);
    }
  });

  test("in the scores of nine moves", () => {
    for (const pose of poses) {
      slicer.centre(all, pose[6]!, pose[7]!);
      const scores = slicer.scoresOfMoves(all, pose, 0, 0.7).slice();
      for (let t = 0; t < 9; t++) {
        const moved = pose.slice();
        moved[6] = pose[6]! + 0.7 * ((t % 3) - 1);
        moved[7] = pose[7]! + 0.7 * (Math.floor(t / 3) - 1);
        expect(Math.abs(scores[t]! - slowComparison(raster, plane, all, image, moved).score)).toBeLessThan(1e-3);
      }
    }
  });

  test("in conj(S) y, whose sum less the norm is the score", () => {
    const cross = new Float32Array(2 * all);
    const pose = poses[0]!;
    const dark = { y: image.y, squares: new Float32Array(all) };
    slicer.setImage(dark);
    slicer.centre(all, 0, 0);
    slicer.crossInto(cross, all, pose, 0);
    const sum = cross.reduce((total, v, i) => total + (i % 2 === 0 ? v : 0), 0);
    expect(sum).toBeCloseTo(slowComparison(raster, plane, all, dark, [...pose.slice(0, 6), 0, 0]).score, 3);
    slicer.setImage(image);
  });
});

describe("a placed raster", () => {
  test("is used again for one that is larger, and serves every room", () => {
    const small = rasterFromVolume(beadVolume(beadModel(crab, 1, 6), 32, 6), 5);
    const first = placeRaster(small, 20, 1);
    const second = placeRaster(raster, all, 2, first.memory);
    expect(second.memory).toBe(first.memory);
    expect(second.values.every((v, i) => v === raster.values[i])).toBe(true);
    const rooms = [0, 1].map((room) => createSlicer(second, plane, room));
    const brighter = { y: image.y.map((v) => 2 * v), squares: image.squares };
    rooms[0]!.setImage(image);
    rooms[1]!.setImage(brighter);
    for (const [room, taken] of [image, brighter].entries()) {
      rooms[room]!.centre(all, 1, 2);
      const pose = [...poses[1]!.slice(0, 6), 1, 2];
      expect(rooms[room]!.score(all, pose, 0)).toBeCloseTo(slowComparison(raster, plane, all, taken, pose).score, 2);
    }
  });

  test("is refused beyond 4 GiB", () => {
    const huge = { ...raster, size: 900, values: { length: 2 * 900 ** 3 } as unknown as Float32Array };
    expect(() => placeRaster(huge, 10, 1)).toThrow("raster: expected at most 4 GiB of values, got a cube of side 900");
  });
});

import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { IDENTITY, randomRotation } from "../../../src/geometry/rotation.js";
import { beadModel, beadProjection, beadVolume } from "../../../src/imaging/bead-model.js";
import { rasterFromVolume, rasterSize, sliceInto } from "../../../src/imaging/fourier-raster.js";
import { halfPlane } from "../../../src/imaging/half-plane.js";
import { crab } from "../../support/known-beads.js";
import { knownRow } from "../../support/prepared-set.js";

const grid = { box: 32, pixelSizeAngstrom: 6 };
const model = beadModel(crab, 0.5, 9);
const volume = beadVolume(model, grid.box, grid.pixelSizeAngstrom);
const plane = halfPlane(grid.box);

/** ‖found − expected‖ / ‖expected‖ over points within `radius`. */
function misfit(found: Float32Array, expected: Float32Array, radius: number): number {
  let [difference, size] = [0, 0];
  for (let p = 0; p < plane.count && plane.shell[p]! <= radius; p++)
    for (const q of [2 * p, 2 * p + 1]) {
      difference += (found[q]! - expected[q]!) ** 2;
      size += expected[q]! ** 2;
    }
  return Math.sqrt(difference / size);
}

describe("slices of a rasterised map", () => {
  test.each([
    [2, 0.02],
    [3, 0.008],
  ])("equal exact projections at random poses, oversampling %i, within %f", (oversampling, bound) => {
    const raster = rasterFromVolume(volume, 15, oversampling);
    const random = seededRandom(2);
    for (let i = 0; i < 20; i++) {
      const rotation = randomRotation(random);
      const found = new Float32Array(2 * plane.count);
      sliceInto(found, raster, rotation, 0, plane.kx, plane.ky, plane.count);
      const expected = knownRow({ model, rotation, shiftAngstrom: [0, 0] }, grid, 1);
      expect(misfit(found, expected, 15)).toBeLessThan(bound);
    }
  });

  test("take the rotation from where it lies, and as many points as asked for", () => {
    const raster = rasterFromVolume(volume, 15);
    const random = seededRandom(3);
    const [first, second] = [randomRotation(random), randomRotation(random)];
    const alone = new Float32Array(2 * plane.count);
    sliceInto(alone, raster, second, 0, plane.kx, plane.ky, plane.count);
    const out = new Float32Array(2 * plane.count);
    sliceInto(out, raster, [...first, ...second], 9, plane.kx, plane.ky, 50);
    expect(out.subarray(0, 100)).toEqual(alone.subarray(0, 100));
    expect(out.subarray(100).every((v) => v === 0)).toBe(true);
  });

  test("hold DC: the sum of the map over the box, as a unitary transform has it", () => {
    const raster = rasterFromVolume(volume, 4);
    const out = new Float32Array(2);
    sliceInto(out, raster, IDENTITY, 0, Float32Array.of(0), Float32Array.of(0), 1);
    const total = beadProjection(model, grid, { rotation: IDENTITY, shiftAngstrom: [0, 0] });
    expect(out[0]! / total[0]!).toBeCloseTo(1, 1);
    expect(Math.abs(out[1]! / total[0]!)).toBeLessThan(1e-6);
  });
});

test("the cube is odd, and holds the ball and a cell of margin", () => {
  expect(rasterSize(4, 2)).toBe(19);
  expect(rasterSize(4.3, 2)).toBe(21);
  const raster = rasterFromVolume(volume, 5.5, 2);
  expect(raster).toMatchObject({ kind: "fourier-raster", radius: 5.5, oversampling: 2, size: 25 });
  expect(raster.values).toHaveLength(2 * 25 ** 3);
});

test.each([0, 16.5])("a radius of %f in a box of 32 is refused", (radius) => {
  expect(() => rasterFromVolume(volume, radius)).toThrow(
    `radius: expected a radius in (0, 16] Fourier pixels, got ${radius}`,
  );
});

/** @file Our slices of other people's maps against the projections they made of them (../shared/data/README.md). */
import { describe, expect, test } from "vitest";
import { rasterFromVolume, sliceInto } from "../../../src/imaging/fourier-raster.js";
import { halfPlane, imageFromHalfPlane } from "../../../src/imaging/half-plane.js";
import { readMrcMap, readVolume } from "../../../src/io/mrc.js";
import { openMrcStack } from "../../../src/io/mrc-stack.js";
import { openParticles } from "../../../src/io/particles.js";
import { readPoses } from "../../../src/io/star-poses.js";
import { correlation } from "../../support/compare.js";
import { movedRound } from "../../support/moved-round.js";
import { pickledFloats } from "../../support/pickled-array.js";
import { hasSharedData, sharedData } from "../../support/shared-data.js";

/** A function from a rotation (at `r[at]`) to the image that our slice of the map is: Float32[box box]. */
function slicer(values: Float32Array, box: number): (r: ArrayLike<number>, at: number) => Float32Array {
  const plane = halfPlane(box);
  const raster = rasterFromVolume({ kind: "volume", box, pixelSizeAngstrom: 1, values }, plane.radius);
  const coefficients = new Float32Array(2 * plane.count);
  return (r, at) => {
    sliceInto(coefficients, raster, r, at, plane.kx, plane.ky, plane.count);
    return imageFromHalfPlane(coefficients, plane);
  };
}

/** The same in a box twice as wide, cropped: the corners of a turned cube leave the image and do not come back in. */
function wideSlicer(map: Float32Array, box: number): (r: ArrayLike<number>, at: number) => Float32Array {
  const [wide, margin] = [2 * box, box / 2];
  const values = new Float32Array(wide ** 3);
  for (let row = 0; row < box * box; row++) {
    const [y, z] = [(row % box) + margin, Math.floor(row / box) + margin];
    values.set(map.subarray(row * box, (row + 1) * box), (z * wide + y) * wide + margin);
  }
  const slice = slicer(values, wide);
  return (r, at) => {
    const image = slice(r, at);
    return Float32Array.from({ length: box * box }, (_, i) => {
      const [x, y] = [(i % box) + margin, Math.floor(i / box) + margin];
      return image[y * wide + x]!;
    });
  };
}

describe.skipIf(!hasSharedData)("slices of a map", () => {
  test("correlate above 0.98 with 574 of 576 projections of map D, above 0.979 with two, shifted as its list says", async () => {
    const particles = await openParticles(sharedData("tomodrgn", "10076_classD_32_clean.star"), { ctf: "none" });
    const map = readVolume(sharedData("tomodrgn", "10076_classD_32.mrc"), { pixelSizeAngstrom: 13.1 });
    const { rotations, shiftsAngstrom } = readPoses(particles)!;
    const slice = wideSlicer(map.values, 32);
    const scores = Array.from({ length: particles.count }, (_, i) => {
      const shift = [shiftsAngstrom[2 * i]! / 13.1, shiftsAngstrom[2 * i + 1]! / 13.1] as const;
      return correlation(movedRound(slice(rotations.matrices, 9 * i), 32, shift), particles.readImage(i));
    });
    expect(scores).toHaveLength(576);
    // Least for views along an axis of the cube: the map does not vanish at its walls, and a wall seen edge-on is
    // sharper than the disc of frequencies. The definition in real space gives 0.982 there (test/unit/io).
    expect(scores.filter((score) => score > 0.98).length).toBeGreaterThanOrEqual(574);
    expect(Math.min(...scores)).toBeGreaterThan(0.979);
    particles.close();
  });

  test.each([
    ["hand", "cryosim/hand_pointer.mrc", "cryodrgn/hand.mrcs", "cryodrgn/hand_rot.pkl", 100, 0.995],
    [
      "toy",
      "cryodrgn/toymodel_small_nocenter.mrc",
      "cryodrgn/toy_projections.mrcs",
      "cryodrgn/toy_rot_zerotrans.pkl",
      1000,
      0.98,
    ],
  ])("equal every projection of %s with its rotations as they are stored", (_, mapName, stackName, name, count, least) => {
    const { values, shape } = readMrcMap(sharedData(mapName));
    const stack = openMrcStack(sharedData(stackName));
    const rotations = pickledFloats(sharedData(name), 9 * count);
    const slice = slicer(values, shape[0]);
    const scores = Array.from({ length: count }, (_, i) => correlation(slice(rotations, 9 * i), stack.readImage(i)));
    expect(stack.count).toBe(count);
    expect(Math.min(...scores)).toBeGreaterThan(least);
    stack.close();
  });
});

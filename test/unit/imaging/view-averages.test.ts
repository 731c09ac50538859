import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { healpixCentre } from "../../../src/geometry/healpix.js";
import { multiply, rotationFromEuler, rotationFromVector, rotationsOf } from "../../../src/geometry/rotation.js";
import { viewAverages } from "../../../src/imaging/view-averages.js";
import { memorySource } from "../../support/memory-source.js";

const BOX = 24;
const PIXEL = 3;
const BEAD = [0.3, 6, -2] as const; // voxels, x, y, z

/** Exact projection of one Gaussian bead. */
function projection(m: readonly number[], shift: readonly [number, number]): Float32Array {
  const at = (row: number): number => m[3 * row]! * BEAD[0] + m[3 * row + 1]! * BEAD[1] + m[3 * row + 2]! * BEAD[2];
  const [px, py] = [at(0) + shift[0], at(1) + shift[1]];
  return Float32Array.from({ length: BOX * BOX }, (_, i) => {
    const [x, y] = [(i % BOX) - BOX / 2 - px, Math.floor(i / BOX) - BOX / 2 - py];
    return Math.exp(-(x * x + y * y) / 8);
  });
}

test("images of one view, however turned and shifted, average to that view", () => {
  const random = seededRandom(3);
  const { thetaRad, phiRad } = healpixCentre(0, 5);
  const base = rotationFromEuler(phiRad, thetaRad, 0); // third row: the direction
  const rotations = Array.from({ length: 30 }, () => multiply(rotationFromVector([0, 0, 6 * random.uniform()]), base));
  const shifts = rotations.map((): [number, number] => [3 * random.normal(), 3 * random.normal()]);
  const source = memorySource(
    rotations.map((m, i) => projection(m, shifts[i]!)),
    PIXEL,
  );
  const poses = {
    rotations: rotationsOf(rotations),
    shiftsAngstrom: Float64Array.from(shifts.flat(), (s) => s * PIXEL),
  };
  const [first, ...others] = viewAverages(
    source,
    poses,
    Array.from({ length: 30 }, (_, i) => i),
    { imagesPerView: 20 },
  );
  expect(others).toEqual([]);
  expect([first!.count, first!.averaged, first!.pixel]).toEqual([30, 20, 5]);
  // The direction's own frame: x towards larger longitude.
  const across = [-Math.sin(phiRad), Math.cos(phiRad), 0];
  const direction = base.slice(6);
  const turn = [0, 1, 2].map(
    (c) => direction[(c + 1) % 3]! * across[(c + 2) % 3]! - direction[(c + 2) % 3]! * across[(c + 1) % 3]!,
  );
  const expected = projection([...across, ...turn, ...direction], [0, 0]);
  const top = first!.image.indexOf(Math.max(...first!.image));
  expect(top).toBe(expected.indexOf(Math.max(...expected)));
  expect(first!.image[top]!).toBeGreaterThan(0.85);
});

test("views are counted from the images of the class alone, most seen first", () => {
  const rotations = [0, 0, 0, Math.PI / 2, Math.PI / 2, Math.PI / 2].map((tilt) => rotationFromEuler(0.1, tilt, 0));
  const source = memorySource(
    rotations.map((m) => projection(m, [0, 0])),
    PIXEL,
  );
  const poses = { rotations: rotationsOf(rotations), shiftsAngstrom: new Float64Array(12) };
  expect(viewAverages(source, poses, [0, 3, 4]).map(({ count }) => count)).toEqual([2, 1]);
  expect(viewAverages(source, poses, [])).toEqual([]);
});

import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import {
  changeImageInto,
  changePoseInto,
  type InPlane,
  originalPoseInto,
  UNCHANGED,
} from "../../../src/encoder/in-plane.js";
import { multiply, randomRotation } from "../../../src/geometry/rotation.js";
import { beadProjection } from "../../../src/imaging/bead-model.js";
import { imageFromTransform } from "../../../src/imaging/fourier.js";
import { rotationOfPose } from "../../../src/pose/pose-row.js";
import { relativeError } from "../../support/compare.js";

const box = 32;
const grid = { box, pixelSizeAngstrom: 8 };
const random = seededRandom(4);
const count = 12;
/** A lopsided cloud of wide beads: band-limited, so that images can be interpolated. */
const model = {
  kind: "bead-model",
  count,
  positionsAngstrom: Float64Array.from({ length: 3 * count }, () => 26 * random.normal()),
  weights: Float64Array.from({ length: count }, () => 0.5 + random.uniform()),
  sigmaAngstrom: 16,
} as const;

/** The exact image at a pose row whose shift is in pixels. */
function imageAt(pose: ArrayLike<number>): Float32Array {
  const shiftAngstrom = [pose[6]! * grid.pixelSizeAngstrom, pose[7]! * grid.pixelSizeAngstrom] as const;
  const values = beadProjection(model, grid, { rotation: rotationOfPose(pose, 0), shiftAngstrom });
  return imageFromTransform({ kind: "fourier-array", side: box, rank: 2, values });
}

function somePose(): Float64Array {
  return Float64Array.from([...randomRotation(random).slice(0, 6), 1.3, -0.7, 0]);
}

const changes: Readonly<Record<string, InPlane>> = {
  mirror: { ...UNCHANGED, mirror: true },
  turn: { ...UNCHANGED, angleRad: 0.7 },
  move: { ...UNCHANGED, dx: 0.8, dy: -1.6 },
  "mirror, turn and move": { mirror: true, angleRad: -2.1, dx: 1.2, dy: 0.4 },
};

test.each(Object.keys(changes))("an image changed by a %s is the exact projection at the changed pose", (name) => {
  const change = changes[name]!;
  const pose = somePose();
  const changed = new Float64Array(9);
  changePoseInto(changed, 0, change, pose, 0);
  const image = new Float32Array(box * box);
  changeImageInto(image, 0, change, imageAt(pose), box);
  // Wide beads by cubic convolution; a mirror image touches no pixel's value.
  expect(relativeError(image, imageAt(changed))).toBeLessThan(name === "mirror" ? 1e-6 : 0.01);
});

test("the mirror image shows the particle from behind: R' = diag(−1, 1, −1) R, a proper rotation", () => {
  const pose = somePose();
  const changed = new Float64Array(9);
  changePoseInto(changed, 0, changes["mirror"]!, pose, 0);
  const expected = multiply([-1, 0, 0, 0, 1, 0, 0, 0, -1], rotationOfPose(pose, 0));
  rotationOfPose(changed, 0).forEach((x, i) => {
    expect(x).toBeCloseTo(expected[i]!, 12);
  });
  expect(Array.from(changed.subarray(6, 8))).toEqual([-pose[6]!, pose[7]!]);
});

test.each(Object.keys(changes))("the pose of the original comes back from that of a %s", (name) => {
  const pose = somePose();
  const [changed, back] = [new Float64Array(9), new Float64Array(9)];
  changePoseInto(changed, 0, changes[name]!, pose, 0);
  originalPoseInto(back, 0, changes[name]!, changed, 0);
  back.subarray(0, 8).forEach((x, i) => {
    expect(x).toBeCloseTo(pose[i]!, 12);
  });
});

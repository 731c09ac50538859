import { expect, test } from "vitest";
import { emptyJointEquations, jointEquationsInto, POSE_PARAMETERS } from "../../../src/conformation/joint-equations.js";
import { rasterAtLatent, subspaceOf } from "../../../src/conformation/linear-subspace.js";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation, rotationFromVector } from "../../../src/geometry/rotation.js";
import { beadVolume } from "../../../src/imaging/bead-model.js";
import { rasterFromVolume, sliceInto } from "../../../src/imaging/fourier-raster.js";
import { halfPlane } from "../../../src/imaging/half-plane.js";
import { turnedRowsInto } from "../../../src/pose/pose-row.js";
import { linearBeads } from "../../support/linear-beads.js";

const RADIUS = 6;
const plane = halfPlane(16, RADIUS);
const random = seededRandom(4);
const rasters = [0, 0.3, -0.7].map((z) => rasterFromVolume(beadVolume(linearBeads(1, [z, 0]), 16, 18), RADIUS));
const subspace = subspaceOf(rasters);
const y = Float32Array.from({ length: 2 * plane.count }, () => random.normal());
const squares = Float32Array.from({ length: plane.count }, () => random.uniform());
const pose = Float64Array.from([...randomRotation(random).slice(0, 6), 0, 0, 0]);
const z = [0.4, -0.8];

test("the model of z is the slice of the raster at z", () => {
  const out = emptyJointEquations(2);
  jointEquationsInto(out, subspace, plane, plane.count, { y, squares }, pose, z);
  const slice = new Float32Array(2 * plane.count);
  sliceInto(slice, rasterAtLatent(subspace, z), pose, 0, plane.kx, plane.ky, plane.count);
  let score = -0.5 * (z[0]! ** 2 + z[1]! ** 2);
  for (let q = 0; q < y.length; q++) score += slice[q]! * (y[q]! - 0.5 * squares[q >> 1]! * slice[q]!);
  expect(out.score).toBeCloseTo(score, 4);
});

test("in z the score is its own second-order expansion: gradient and precision are exact", () => {
  const [here, there] = [emptyJointEquations(2), emptyJointEquations(2)];
  jointEquationsInto(here, subspace, plane, plane.count, { y, squares }, pose, z);
  const step = [0.9, -1.3];
  jointEquationsInto(there, subspace, plane, plane.count, { y, squares }, pose, [z[0]! + step[0]!, z[1]! + step[1]!]);
  const n = POSE_PARAMETERS + 2;
  let expected = here.score;
  for (let a = 0; a < 2; a++) {
    expected += here.gradient[POSE_PARAMETERS + a]! * step[a]!;
    for (let b = 0; b < 2; b++)
      expected -= 0.5 * step[a]! * step[b]! * here.precision[(POSE_PARAMETERS + a) * n + POSE_PARAMETERS + b]!;
  }
  expect(there.score).toBeCloseTo(expected, 3);
});

test("the gradient in turn and shift is that of finite differences", () => {
  const out = emptyJointEquations(2);
  jointEquationsInto(out, subspace, plane, plane.count, { y, squares }, pose, z);
  const step = 1e-4;
  for (let a = 0; a < 3; a++) {
    const score = [1, -1].map((sign) => {
      const turned = new Float64Array(9);
      const turn = [0, 1, 2].map((b) => (b === a ? sign * step : 0)) as [number, number, number];
      turnedRowsInto(turned, 0, rotationFromVector(turn), 0, pose, 0);
      const moved = emptyJointEquations(2);
      jointEquationsInto(moved, subspace, plane, plane.count, { y, squares }, turned, z);
      return moved.score;
    }) as [number, number];
    const slope = (score[0] - score[1]) / (2 * step);
    // Look-ups are linear between cells: the slope jumps where a point crosses into the next cell.
    expect(out.gradient[a]! / slope).toBeCloseTo(1, 1);
  }
});

import { expect, test } from "vitest";
import {
  type AnnealSchedule,
  alignedRigidly,
  resolutionsTo,
  stepsAt,
} from "../../../src/conformation/anneal-subspace.js";
import { RADIANS_PER_DEGREE } from "../../../src/core/constants.js";
import { seededRandom } from "../../../src/core/random.js";
import { geodesicRad, rotationFromVector } from "../../../src/geometry/rotation.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { median } from "../../../src/metrics/quantile.js";
import { rotationOfPose, turnedRowsInto } from "../../../src/pose/pose-row.js";
import { linearSet } from "../../support/linear-beads.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const place = temporaryFolder();

test("poses are refined from 9.3 periods across the particle on, and at the last resolution in any case", () => {
  const { set } = linearSet(place("set"), 0, 2);
  const reader = openPrepared(set);
  // The particle is 0.7 of the box: 9.3 periods across it are radius 13.3.
  const steps = (radii: readonly number[]): number[] => {
    const schedule: AnnealSchedule = { radii, rounds: 1, poseSteps: 3, random: seededRandom(1) };
    return radii.map((radius) => stepsAt(reader, schedule, radius));
  };
  expect(steps([8, 10, 13, 14, 17])).toEqual([0, 0, 0, 3, 3]);
  expect(resolutionsTo(reader, 11)).toEqual([8, 11]);
  expect(steps(resolutionsTo(reader, 11))).toEqual([0, 3]);
  reader.close();
});

test("against the mean alone poses come nearer, and those given stay as they are", () => {
  const { set, truths, poses } = linearSet(place("off"), 0, 100);
  const random = seededRandom(8);
  const off = poses.slice();
  for (let i = 0; i < truths.length; i++) {
    const turn = [0, 1, 2].map(() => 5 * RADIANS_PER_DEGREE * random.normal());
    turnedRowsInto(off, 9 * i, rotationFromVector(turn as [number, number, number]), 0, poses, 9 * i);
  }
  const given = off.slice();
  const error = (rows: Float64Array): number =>
    median(truths.map((t, i) => geodesicRad(rotationOfPose(rows, 9 * i), t.rotation)));
  const reader = openPrepared(set);
  const found = alignedRigidly(
    reader,
    truths.map((_, i) => i),
    off,
    9,
    3,
  );
  reader.close();
  expect(off).toEqual(given);
  expect(error(found)).toBeLessThan(0.7 * error(off));
});

import { expect, test } from "vitest";
import { turnedPose } from "../../../src/conformation/core-turns.js";
import {
  type ConformationOptions,
  type Conformations,
  findConformations,
} from "../../../src/conformation/find-conformations.js";
import { RADIANS_PER_DEGREE } from "../../../src/core/constants.js";
import { seededRandom } from "../../../src/core/random.js";
import { geodesicRad, IDENTITY, rotationFromVector } from "../../../src/geometry/rotation.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { median } from "../../../src/metrics/quantile.js";
import { spearman } from "../../../src/metrics/spearman.js";
import { rotationOfPose, turnedRowsInto } from "../../../src/pose/pose-row.js";
import { type LinearTruth, linearSet } from "../../support/linear-beads.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const COUNT = 150;
const place = temporaryFolder();

test("one axis is found from random z, and poses that were off come nearer", () => {
  const { found, truths, started } = conformationsOf(1, 8);
  const truth = truths.map((t) => t.coordinates[0]);
  expect(Math.abs(spearman(found.z, truth))).toBeGreaterThan(0.9);
  expect(medianErrorDeg(found.poses, truths)).toBeLessThan(0.7 * medianErrorDeg(started, truths));
});

test("two independent axes are two directions of z, poses held", () => {
  const { found, truths, started } = conformationsOf(2, 0);
  expect(found.poses.filter((_, i) => i % 9 < 8)).toEqual(started.filter((_, i) => i % 9 < 8));
  for (const axis of [0, 1] as const) {
    const truth = truths.map((t) => t.coordinates[axis]);
    expect(bestDirection(found, truth)).toBeGreaterThan(0.7);
  }
});

test.each([
  0, 1, 2,
] as const)("%i axes are counted, and their posteriors hold the truth as often as they say", (axes) => {
  const { found, truths } = conformationsOf(axes, 0, { zDim: "auto", rounds: 4, starts: 1 }, 300);
  expect(found.zDim).toBe(axes);
  expect(found.z.length).toBe(300 * axes);
  if (axes !== 1) return;
  const truth = truths.map((t) => t.coordinates[0]);
  const deviation = Math.sqrt(truth.reduce((sum, t) => sum + t * t, 0) / 300);
  const sign = Math.sign(truth.reduce((sum, t, i) => sum + t * found.z[i]!, 0));
  const within = truth.filter(
    (t, i) => Math.abs((sign * t) / deviation - found.z[i]!) < Math.sqrt(found.covariance[i]!),
  );
  // 68 % would be exact; three deviations of a binomial of 300 are 8 %.
  expect(within.length / 300).toBeGreaterThan(0.6);
  expect(within.length / 300).toBeLessThan(0.76);
});

test("images beyond those that teach the motion are judged under it", () => {
  const { found, truths } = conformationsOf(1, 0, { zDim: 1, rounds: 4, mostImages: 100 });
  expect(
    Math.abs(
      spearman(
        found.z,
        truths.map((t) => t.coordinates[0]),
      ),
    ),
  ).toBeGreaterThan(0.9);
  expect(found.evidence.every((e) => e > 0)).toBe(true);
});

test("images that are not to teach leave the motion as it is without them, and are judged under it", () => {
  const { set, truths, poses } = linearSet(place("guests"), 1, 150);
  const reader = openPrepared(set);
  const options = { zDim: 1, rounds: 3, radius: 9, poseSteps: 0 };
  const first = Array.from({ length: 100 }, (_, i) => i);
  const alone = findConformations(reader, first, poses.slice(0, 900), options);
  const all = Array.from(truths.keys());
  const found = findConformations(reader, all, poses, { ...options, teachers: 100 });
  expect(found.subspace.values).toEqual(alone.subspace.values);
  expect(found.z.slice(0, 100)).toEqual(alone.z);
  const guests = truths.slice(100).map((t) => t.coordinates[0]);
  expect(Math.abs(spearman(found.z.slice(100), guests))).toBeGreaterThan(0.9);
  expect(() => findConformations(reader, all, poses, { ...options, teachers: 151 })).toThrow(/teachers.*151/);
  reader.close();
});

test("poses known up to a turn come to one frame with the motion; without the turns it is not found", () => {
  const { set, truths, poses } = linearSet(place("turned"), 1, COUNT);
  const half = { rotation: rotationFromVector([0, 0, Math.PI]), offsetPixels: [0, 0, 0] as const };
  const turns = [{ rotation: IDENTITY, offsetPixels: [0, 0, 0] as const }, half];
  const random = seededRandom(4);
  const started = poses.slice();
  for (let i = 0; i < COUNT; i++)
    if (random.uniform() < 0.5) started.set(turnedPose(poses.slice(9 * i, 9 * i + 9), half), 9 * i);
  const reader = openPrepared(set);
  const truth = truths.map((t) => t.coordinates[0]);
  const found = (given: ConformationOptions): Conformations =>
    findConformations(reader, [...truth.keys()], started, { zDim: 1, rounds: 3, radius: 9, poseSteps: 0, ...given });
  const [with_, without] = [found({ turns }), found({})];
  reader.close();
  const right = truths.filter((t, i) => geodesicRad(rotationOfPose(with_.poses, 9 * i), t.rotation) < 0.1).length;
  expect(Math.max(right, COUNT - right)).toBeGreaterThan(0.97 * COUNT);
  expect(Math.abs(spearman(with_.z, truth))).toBeGreaterThan(0.9);
  expect(Math.abs(spearman(without.z, truth))).toBeLessThan(0.7);
});

function conformationsOf(
  axes: 0 | 1 | 2,
  errorDeg: number,
  given: ConformationOptions = { zDim: axes, rounds: 3 },
  count = COUNT,
): Found {
  const { set, truths, poses } = linearSet(place(`set${axes}${count}`), axes, count);
  const random = seededRandom(8);
  const started = poses.slice();
  for (let i = 0; i < count; i++) {
    const turn = [0, 1, 2].map(() => (errorDeg / 1.54) * RADIANS_PER_DEGREE * random.normal());
    turnedRowsInto(started, 9 * i, rotationFromVector(turn as [number, number, number]), 0, poses, 9 * i);
  }
  const reader = openPrepared(set);
  try {
    const images = truths.map((_, i) => i);
    const options = { ...given, radius: 9, poseSteps: errorDeg > 0 ? 3 : 0 };
    return { found: findConformations(reader, images, started, options), truths, started };
  } finally {
    reader.close();
  }
}

interface Found {
  readonly found: Conformations;
  readonly truths: readonly LinearTruth[];
  /** Pose rows that were given. */
  readonly started: Float64Array;
}

/** Median angle to the truth. The frame is that of the truth: nothing turned the map. */
function medianErrorDeg(poses: Float64Array, truths: readonly LinearTruth[]): number {
  return median(truths.map((t, i) => geodesicRad(rotationOfPose(poses, 9 * i), t.rotation))) / RADIANS_PER_DEGREE;
}

/** |Spearman| of the truth with the direction of z that follows it best, by least squares over two axes. */
function bestDirection({ z }: Conformations, truth: readonly number[]): number {
  const sum = (f: (i: number) => number): number => truth.reduce((total, _, i) => total + f(i), 0);
  const [x, y] = [(i: number): number => z[2 * i]!, (i: number): number => z[2 * i + 1]!];
  const [xx, xy, yy] = [sum((i) => x(i) ** 2), sum((i) => x(i) * y(i)), sum((i) => y(i) ** 2)];
  const [xt, yt] = [sum((i) => x(i) * truth[i]!), sum((i) => y(i) * truth[i]!)];
  const [a, b] = [yy * xt - xy * yt, xx * yt - xy * xt];
  return Math.abs(
    spearman(
      truth.map((_, i) => a * x(i) + b * y(i)),
      truth,
    ),
  );
}

import { expect, test } from "vitest";
import { takeTurn, turnedPose } from "../../../src/conformation/core-turns.js";
import type { JointClimber } from "../../../src/conformation/joint-climb.js";
import { seededRandom } from "../../../src/core/random.js";
import { IDENTITY, randomRotation, rotationFromVector } from "../../../src/geometry/rotation.js";
import { emptyImage } from "../../../src/pose/loaded-image.js";
import { rotationOfPose } from "../../../src/pose/pose-row.js";

type Point = readonly [number, number, number];
const apply = (m: readonly number[], p: readonly number[]): Point =>
  [0, 1, 2].map((r) => m[3 * r]! * p[0]! + m[3 * r + 1]! * p[1]! + m[3 * r + 2]! * p[2]!) as unknown as Point;
const plus = (a: readonly number[], b: readonly number[], sign = 1): Point =>
  a.map((v, i) => v + sign * b[i]!) as unknown as Point;

const centre: Point = [1.5, -2, 0.7];
const turns = [0, 1, 2].map((j) => {
  const rotation = rotationFromVector([0, ((2 * Math.PI) / 3) * j * 0.6, ((2 * Math.PI) / 3) * j * 0.8]);
  return { rotation, offsetPixels: plus(centre, apply(rotation, centre), -1) };
});

test("a pose turned about an axis beside the middle shows a particle of that symmetry alike", () => {
  const random = seededRandom(3);
  const seeds = Array.from({ length: 4 }, (): Point => [5 * random.normal(), 5 * random.normal(), 5 * random.normal()]);
  const beads = turns.flatMap(({ rotation }) => seeds.map((p) => plus(centre, apply(rotation, plus(p, centre, -1)))));
  const projected = (pose: Float64Array): string[] => {
    const R = rotationOfPose(pose, 0);
    return beads
      .map((p) =>
        apply(R, p)
          .slice(0, 2)
          .map((v, a) => (v + pose[6 + a]!).toFixed(6).replace("-0.000000", "0.000000")),
      )
      .map(String)
      .sort();
  };
  const pose = Float64Array.of(...randomRotation(random).slice(0, 6), 0.3, -1.2, 0);
  for (const turn of turns) expect(projected(turnedPose(pose, turn))).toEqual(projected(pose));
  expect(turnedPose(pose, turns[1]!).slice(0, 3)).not.toEqual(pose.slice(0, 3));
});

/** Evidence 0, ln 2 and ln 5 under the three turns, z their number; told apart by the pose. */
const known: Pick<JointClimber, "solve"> = {
  solve: (_, pose, z) => {
    const at = turns.findIndex((turn) => turnedPose(start(), turn).every((v, c) => v === pose[c]));
    z[0] = at;
    return { evidence: Math.log([1, 2, 5][at]!), covariance: Float64Array.of(0.1) };
  },
};
const start = (): Float64Array => Float64Array.of(...IDENTITY.slice(0, 6), 0, 0, 0);

test("the best turn is taken, and the evidence under all of them told", () => {
  const [pose, z] = [start(), new Float64Array(1)];
  const { estimate, spread } = takeTurn(known, emptyImage(1), pose, z, { operators: turns });
  expect(z[0]).toBe(2);
  expect([...pose]).toEqual([...turnedPose(start(), turns[2]!)]);
  expect(estimate.evidence + spread).toBeCloseTo(Math.log((1 + 2 + 5) / 3), 12);
});

test("turns are drawn as often as they are likely", () => {
  const random = seededRandom(1);
  const counts = [0, 0, 0];
  for (let i = 0; i < 4000; i++) {
    const z = new Float64Array(1);
    const { estimate, spread } = takeTurn(known, emptyImage(1), start(), z, { operators: turns, random });
    counts[z[0]!]!++;
    expect(estimate.evidence + spread).toBeCloseTo(Math.log(8 / 3), 12);
  }
  // Three deviations of a binomial are 0.024 at most.
  [1, 2, 5].forEach((w, j) => {
    expect(Math.abs(counts[j]! / 4000 - w / 8)).toBeLessThan(0.024);
  });
});

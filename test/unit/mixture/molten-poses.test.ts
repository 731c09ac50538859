import { expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation } from "../../../src/geometry/rotation.js";
import type { PreparedParticles } from "../../../src/imaging/prepare.js";
import { settingsAt } from "../../../src/mixture/batch-plan.js";
import { isCoarse, molten, viewsPileUp } from "../../../src/mixture/molten-poses.js";
import type { Schedule, Stage } from "../../../src/mixture/schedule.js";

/** `counts[k]` images of class k; those of class `piled` all look within 37° of the z axis. */
function drawn(counts: readonly number[], piled: number, junk = 0): Parameters<typeof viewsPileUp>[0] {
  const random = seededRandom(2);
  const drawnClass = Int32Array.from(counts.flatMap((n, k) => new Array<number>(n).fill(k)));
  const drawnPose = new Float32Array(9 * drawnClass.length);
  drawnClass.forEach((k, i) => {
    let rotation = randomRotation(random);
    while (k === piled && rotation[8]! < 0.8) rotation = randomRotation(random);
    drawnPose.set(rotation.slice(0, 6), 9 * i);
  });
  return {
    table: { drawnClass, drawnPose, junk: new Float32Array(drawnClass.length).fill(junk) },
    fields: counts,
  };
}

test("views of one class in a tenth of the sphere have piled up, views from everywhere have not", () => {
  expect(viewsPileUp(drawn([300, 200], 1))).toBe(true);
  expect(viewsPileUp(drawn([300, 200], -1))).toBe(false);
});

test("small classes and junk say nothing", () => {
  expect(viewsPileUp(drawn([300, 39], 1))).toBe(false);
  expect(viewsPileUp(drawn([300, 200], 1, 0.9))).toBe(false);
});

test("poses are drawn from 5.5 posteriors' widths or more, and the best is taken where it was to be", () => {
  const stage = { radius: [6, 6], poseTemperature: [20, 0.5], classTemperature: [2, 1], balance: [0, 0] } as const;
  const at = (done: number): ReturnType<typeof settingsAt> =>
    settingsAt({ ...stage, learningRate: null } as unknown as Stage, done);
  expect(molten(at(0), 0.5)).toEqual(at(0));
  expect(molten(at(0.5), 0.5)).toEqual({ ...at(0.5), poseTemperature: 11 });
  expect(molten(at(1), 0.5)).toEqual(at(1));
});

test("sets are coarse up to 5.2 periods across the particle at the finest radius of the schedule", () => {
  const set = { box: 40, pixelSizeAngstrom: 7, diameterAngstrom: 190 } as PreparedParticles;
  const upTo = (radius: number): Schedule =>
    ({ stages: [{ radius: [6, radius] }, { radius: [6, 6] }] }) as unknown as Schedule;
  expect(isCoarse(upTo(7.5), set)).toBe(true); // 5.09
  expect(isCoarse(upTo(7.8), set)).toBe(false); // 5.29
});

import { describe, expect, test } from "vitest";
import { findConformations } from "../../../src/conformation/find-conformations.js";
import { rastersOf } from "../../../src/conformation/linear-subspace.js";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation } from "../../../src/geometry/rotation.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { bestSeed, createImageTable } from "../../../src/mixture/image-table.js";
import { judgeJunk, judgeMovingJunk, junkPosterior, type Misfit } from "../../../src/mixture/junk.js";
import type { MixtureRun } from "../../../src/mixture/mixture-run.js";
import { linearSet } from "../../support/linear-beads.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const random = seededRandom(3);
const place = temporaryFolder();
const sound = (): Misfit => ({
  deficit: 2 + 1.3 * random.normal(),
  excess: -1 + 0.7 * random.normal(),
  silence: 0.3 * random.normal(),
});

describe("junk", () => {
  test("is what is far worse than its class, in one way or another", () => {
    const misfits = Array.from({ length: 1000 }, (_, i): Misfit => {
      if (i % 10 !== 0) return sound();
      if (i % 20 === 0) return { ...sound(), deficit: 2 + 1.3 * 6 };
      return i % 30 === 10 ? { ...sound(), silence: 0.3 * 7 } : { ...sound(), excess: -1 + 0.7 * 7 };
    });
    const posterior = junkPosterior(misfits, new Int32Array(1000), 1);
    const junk = posterior.map((p) => Number(p > 0.5));
    const caught = junk.reduce((sum, j, i) => sum + (i % 10 === 0 ? j : 0), 0);
    const blamed = junk.reduce((sum, j, i) => sum + (i % 10 === 0 ? 0 : j), 0);
    expect(caught).toBe(100);
    expect(blamed).toBeLessThanOrEqual(9); // 1 % of the sound
  });

  test("is hardly found where there is none", () => {
    const misfits = Array.from({ length: 2000 }, sound);
    const posterior = junkPosterior(misfits, new Int32Array(2000), 1);
    expect(posterior.filter((p) => p > 0.5).length).toBeLessThanOrEqual(10);
  });

  test("is judged within each class: what is usual in one may be far off in another", () => {
    const misfits = Array.from({ length: 400 }, (_, i): Misfit => {
      const { deficit, ...others } = sound();
      return { ...others, deficit: i % 2 === 0 ? deficit : deficit + 50 };
    });
    const classes = misfits.map((_, i) => i % 2);
    expect(junkPosterior(misfits, classes, 2).filter((p) => p > 0.5).length).toBeLessThanOrEqual(4);
    expect(junkPosterior(misfits, new Int32Array(400), 1).filter((p) => p > 0.5).length).toBeLessThanOrEqual(4); // half of all is no junk
  });

  test("is not told in classes of a few images, nor of images without a pose", () => {
    const misfits = Array.from({ length: 30 }, (_, i) => (i === 3 ? { deficit: 40, excess: 40, silence: 9 } : sound()));
    expect([...junkPosterior(misfits, new Int32Array(30), 1)]).toEqual(new Array(30).fill(0));
    expect([...junkPosterior(new Array(60).fill(undefined), new Int32Array(60), 1)]).toEqual(new Array(60).fill(0));
  });
});

test("an image that moves far is no junk once its conformation is known, one at a wrong pose is", () => {
  const [count, sound] = [300, 285];
  const { set, poses } = linearSet(place("moving"), 1, count);
  for (let i = sound; i < count; i++) poses.set(randomRotation(random).slice(0, 6), 9 * i);
  const reader = openPrepared(set);
  const images = Array.from({ length: count }, (_, i) => i);
  const { subspace, z } = findConformations(reader, images, poses, {
    ...{ zDim: 1, rounds: 4, radius: 9, poseSteps: 0, teachers: sound },
  });
  const table = createImageTable(count, 1, 1);
  table.classes.fill(0);
  table.z.set(z);
  for (const i of images) table.seeds.set([...poses.subarray(9 * i, 9 * i + 8), 1], bestSeed(i));
  const run = { table, fields: [{}], options: { zDim: 1 }, references: rastersOf(subspace).slice(0, 1) };
  const flagged = (): number[] => images.filter((i) => table.junk[i]! > 0.5);
  judgeJunk(run as unknown as MixtureRun, reader);
  const resting = flagged();
  judgeMovingJunk(run as unknown as MixtureRun, reader, [subspace]);
  const moving = flagged();
  expect(resting.filter((i) => i < sound).length).toBeGreaterThan(10);
  expect(moving.filter((i) => i < sound).length).toBeLessThan(5);
  expect(moving.filter((i) => i >= sound).length).toBeGreaterThan(12);
  reader.close();
});

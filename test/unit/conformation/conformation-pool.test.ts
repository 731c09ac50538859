import { expect, test } from "vitest";
import { findAllConformations } from "../../../src/conformation/conformation-pool.js";
import { linearSet } from "../../support/linear-beads.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const place = temporaryFolder();

test("species on two threads come out as on one, in order", async () => {
  const { set, poses } = linearSet(place("set"), 1, 60);
  const requests = [0, 1].map((half) => {
    const images = Int32Array.from({ length: 30 }, (_, i) => 2 * i + half);
    const rows = Float32Array.from({ length: 270 }, (_, i) => poses[9 * images[Math.floor(i / 9)]! + (i % 9)]!);
    return { images, poses: rows, options: { zDim: 1, rounds: 2, radius: 7, poseSteps: 1 } };
  });
  const [one, two] = [await findAllConformations(set, requests, 1), await findAllConformations(set, requests, 2)];
  expect(two.map(({ poses, evidence, images }) => ({ poses, evidence, images }))).toEqual(
    one.map(({ poses, evidence, images }) => ({ poses, evidence, images })),
  );
  expect(one[0]!.evidence).not.toEqual(one[1]!.evidence);
});

test("a species that fails is told, and the others are not waited for", async () => {
  const { set, poses } = linearSet(place("failing"), 1, 60);
  const images = Int32Array.from({ length: 60 }, (_, i) => i);
  const long = { images, poses: Float32Array.from(poses.subarray(0, 540)), options: { zDim: 1, rounds: 10_000 } };
  const wrong = { images, poses: new Float32Array(9), options: { zDim: 1 } };
  await expect(findAllConformations(set, [long, wrong], 2)).rejects.toThrow("conformation thread: poses: expected 540");
});

import { expect, test } from "vitest";
import { newSubspaceImages, type SubspaceImages } from "../../../src/conformation/subspace-images.js";
import { crossFitted, maximisationStep } from "../../../src/conformation/subspace-steps.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { linearSet } from "../../support/linear-beads.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const place = temporaryFolder();

test("the map that judges a part of the images is that of all others", () => {
  const { set, poses } = linearSet(place("set"), 0, 40);
  const reader = openPrepared(set);
  const rows = (keep: (i: number) => boolean): SubspaceImages => {
    const images = Array.from({ length: 40 }, (_, i) => i).filter(keep);
    return newSubspaceImages(
      images,
      images.flatMap((i) => [...poses.subarray(9 * i, 9 * i + 9)]),
      0,
    );
  };
  const { whole, without } = crossFitted(
    reader,
    rows(() => true),
    7,
    {},
  );
  for (let fold = 0; fold < 4; fold++) {
    const { values } = without(fold, 4);
    const others = maximisationStep(
      reader,
      rows((i) => i % 4 !== fold),
      7,
      {},
    ).values;
    expect(distance(values, others)).toBeLessThan(1e-4 * distance(values, whole.values));
  }
  reader.close();
});

function distance(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0));
}

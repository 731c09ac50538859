import { expect, test } from "vitest";
import { conformationVolume } from "../../../src/conformation/find-conformations.js";
import { axisLatents, latentDistance, latentMetric } from "../../../src/conformation/latent-metric.js";
import { subspaceOf } from "../../../src/conformation/linear-subspace.js";
import { beadVolume } from "../../../src/imaging/bead-model.js";
import { rasterFromVolume } from "../../../src/imaging/fourier-raster.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { linearBeads, linearSet } from "../../support/linear-beads.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const place = temporaryFolder();

test("the distance of two conformations is the r.m.s. difference of their maps", () => {
  const reader = openPrepared(linearSet(place("set"), 0, 1).set);
  const map = (a: number, b: number) => rasterFromVolume(beadVolume(linearBeads(2, [a, b]), 24, 9), 8);
  const found = { subspace: subspaceOf([map(0, 0), map(1, 0), map(0, -2)]) };
  const [from, to] = [
    [0.3, -1],
    [-0.8, 0.4],
  ] as const;
  const [a, b] = [conformationVolume(found, reader, from).values, conformationVolume(found, reader, to).values];
  const expected = Math.sqrt(a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0) / a.length);
  expect(latentDistance(latentMetric(found, reader), from, to) / expected).toBeCloseTo(1, 4);
  reader.close();
});

test("an axis runs from the 5 % to the 95 % quantile of its own coordinate, the others at 0", () => {
  const z = Float64Array.from({ length: 202 }, (_, i) => (i % 2 === 0 ? 7 : (i - 1) / 200));
  const frames = axisLatents({ z, zDim: 2 }, 1, 3);
  expect(frames.map((frame) => frame[0])).toEqual([0, 0, 0]);
  expect(frames[0]![1]).toBeCloseTo(0.05, 6);
  expect(frames[2]![1]).toBeCloseTo(0.95, 6);
  expect(() => axisLatents({ z, zDim: 2 }, 2)).toThrow("axis: expected 0 to 1, got 2");
});

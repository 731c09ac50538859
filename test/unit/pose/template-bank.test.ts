import { expect, test } from "vitest";
import { hopfGrid } from "../../../src/geometry/hopf-grid.js";
import { beadVolume } from "../../../src/imaging/bead-model.js";
import { rasterFromVolume, sliceInto } from "../../../src/imaging/fourier-raster.js";
import { halfPlane, pointsWithin } from "../../../src/imaging/half-plane.js";
import { emptyTemplateBank, fillTemplateBank } from "../../../src/pose/template-bank.js";
import { beadsAt } from "../../support/known-beads.js";

test("a bank holds the slice of every rotation, a column each: Re and Im by turns, and their power", () => {
  const raster = rasterFromVolume(beadVolume(beadsAt([[10, 4, -6]], 8), 16, 5), 6);
  const plane = halfPlane(16);
  const points = pointsWithin(plane, 5);
  const rotations = hopfGrid(0);
  const bank = emptyTemplateBank(points, rotations.count);
  expect(bank).toMatchObject({ kind: "template-bank", points, count: 72 });
  fillTemplateBank(bank, raster, rotations, plane);
  const slice = new Float32Array(2 * points);
  const [slices, power] = [new Float32Array(bank.slices.length), new Float32Array(bank.power.length)];
  for (let r = 0; r < 72; r++) {
    sliceInto(slice, raster, rotations.matrices, 9 * r, plane.kx, plane.ky, points);
    slice.forEach((v, q) => {
      slices[q * 72 + r] = v;
    });
    for (let p = 0; p < points; p++) power[p * 72 + r] = slice[2 * p]! ** 2 + slice[2 * p + 1]! ** 2;
  }
  expect(bank.slices).toEqual(slices);
  expect(bank.power).toEqual(power);
});

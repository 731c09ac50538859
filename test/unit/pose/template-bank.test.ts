import { expect, test } from "vitest";
import { hopfGrid } from "../../../src/geometry/hopf-grid.js";
import { beadVolume } from "../../../src/imaging/bead-model.js";
import { rasterFromVolume, sliceInto } from "../../../src/imaging/fourier-raster.js";
import { halfPlane, pointsWithin } from "../../../src/imaging/half-plane.js";
import { placeRaster } from "../../../src/pose/placed-raster.js";
import { createSlicer } from "../../../src/pose/slicer.js";
import { emptyTemplateBank, fillTemplateBank, templateBankBytes } from "../../../src/pose/template-bank.js";
import { relativeError } from "../../support/compare.js";
import { beadsAt } from "../../support/known-beads.js";

const raster = rasterFromVolume(beadVolume(beadsAt([[10, 4, -6]], 8), 16, 5), 6);
const plane = halfPlane(16);
const points = pointsWithin(plane, 5);

test.each([
  ["one tile, not a whole number of lines", 0, 57, 57],
  ["two tiles, the second not full", 1, 300, 288],
])("a bank holds the slice of every rotation, a column each: %s", (_, order, count, width) => {
  const rotations = hopfGrid(order);
  const bank = emptyTemplateBank(points, count);
  expect(bank).toMatchObject({ kind: "template-bank", points, count, width });
  const placed = placeRaster(raster, points, 1);
  fillTemplateBank(bank, createSlicer(placed, plane, 0), rotations);
  const slice = new Float32Array(2 * points);
  for (let r = 0; r < bank.tiles.length * width; r++) {
    if (r < count) sliceInto(slice, raster, rotations.matrices, 9 * r, plane.kx, plane.ky, points);
    else slice.fill(0);
    const { re, im, power } = bank.tiles[Math.floor(r / width)]!;
    const column = (of: Float32Array): number[] =>
      Array.from({ length: points }, (_, p) => of[p * width + (r % width)]!);
    const [u, v] = [0, 1].map((part) => Array.from({ length: points }, (_, p) => slice[2 * p + part]!));
    // Slices are made in single precision there.
    for (const [found, expected] of [
      [column(re), u],
      [column(im), v],
    ] as const)
      if (r < count) expect(relativeError(found, expected!)).toBeLessThan(1e-5);
      else expect(found).toEqual(expected);
    const squares = u!.map((x, p) => x * x + v![p]! ** 2);
    if (r < count) expect(relativeError(column(power), squares)).toBeLessThan(1e-5);
    else expect(column(power)).toEqual(squares);
  }
});

test("its size in bytes is known before it is made", () => {
  for (const count of [57, 300]) {
    const { tiles } = emptyTemplateBank(points, count);
    const bytes = tiles.reduce((sum, { re, im, power }) => sum + re.byteLength + im.byteLength + power.byteLength, 0);
    expect(templateBankBytes(points, count)).toBe(bytes);
  }
});

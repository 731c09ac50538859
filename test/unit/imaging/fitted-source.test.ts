import { expect, test } from "vitest";
import { fittedSource } from "../../../src/imaging/fitted-source.js";
import { memorySource } from "../../support/memory-source.js";

const box = 8;
const image = Float32Array.from({ length: box * box }, (_, i) => 10 * Math.floor(i / box) + (i % box));
const source = memorySource([image], 4);
const wanted = { box: 4, pixelSizeAngstrom: 8, diameterAngstrom: 16 };

test("images that fit are passed on as they are", () => {
  expect(fittedSource(source, wanted)).toBe(source);
});

test("a narrower frame is cut around the middle pixel, a wider one continued by the mirror image", () => {
  const narrow = fittedSource(source, { ...wanted, pixelSizeAngstrom: 4 });
  expect(narrow.box).toBe(4);
  expect(Array.from(narrow.readImage(0)).slice(0, 4)).toEqual([22, 23, 24, 25]);
  const wide = fittedSource(source, { ...wanted, box: 6 });
  expect(wide.box).toBe(12);
  const row = Array.from(wide.readImage(0)).slice(2 * 12, 3 * 12);
  expect(row).toEqual([2, 1, 0, 1, 2, 3, 4, 5, 6, 7, 6, 5]);
  // The middle pixel stays the middle pixel.
  expect(wide.readImage(0)[6 * 12 + 6]).toBe(image[4 * 8 + 4]);
});

test("images too coarse, too narrow or of an unfit pixel size are refused with what to do", () => {
  expect(() => fittedSource(source, { ...wanted, box: 16, pixelSizeAngstrom: 2 })).toThrow(
    "memory, images of 8 pixels of 4 Å: expected pixels of at most 2 Å, as in the run, got 4 Å; extract the particles at",
  );
  expect(() => fittedSource(source, { ...wanted, diameterAngstrom: 40 })).toThrow(
    "expected a width of at least the particle's diameter, 40 Å, got 32 Å; extract the particles in a larger box",
  );
  expect(() => fittedSource(source, { ...wanted, pixelSizeAngstrom: 9 })).toThrow(
    "expected a pixel size of which an even number makes 36 Å to within 1.2 %, got 10 × 4 = 40 Å; rescale",
  );
});

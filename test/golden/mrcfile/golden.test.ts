import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readMrcMap } from "../../../src/io/mrc.js";
import { openMrcStack } from "../../../src/io/mrc-stack.js";
import { hasSharedData, sharedData } from "../../support/shared-data.js";

interface Case {
  readonly file: string;
  readonly mode: number;
  readonly shape: readonly [number, number, number];
  readonly voxelSize: readonly number[];
  readonly samples: readonly (readonly [z: number, y: number, x: number, value: number])[];
  readonly sum: number;
  readonly squares: number;
}
const { cases } = JSON.parse(readFileSync(new URL("values.json", import.meta.url), "utf8")) as { cases: Case[] };

test("eight files are judged, among them float16, an extended header, other axes and no size", () => {
  expect(cases).toHaveLength(8);
});

test.skipIf(!hasSharedData).each(cases)("$file reads as mrcfile reads it", (golden) => {
  const map = readMrcMap(sharedData(golden.file));
  const [, ny, nx] = golden.shape;
  expect(map.shape).toEqual(golden.shape);
  expect(map.header.mode).toBe(golden.mode);
  for (const [z, y, x, value] of golden.samples) expect(map.values[(z * ny + y) * nx + x]).toBe(Math.fround(value));
  let [sum, squares] = [0, 0];
  for (const value of map.values) {
    sum += value;
    squares += value * value;
  }
  expect(sum / golden.sum).toBeCloseTo(1, 10);
  expect(squares / golden.squares).toBeCloseTo(1, 10);
  golden.voxelSize.forEach((size, axis) => {
    if (size === 0) expect(map.voxelSizeAngstrom).toBeNull();
    else expect(map.voxelSizeAngstrom![axis]).toBeCloseTo(size, 5);
  });
});

test.skipIf(!hasSharedData)("images of a stack are the sections of the map", () => {
  const { file, shape, samples } = cases[5]!;
  const stack = openMrcStack(sharedData(file));
  expect(stack).toMatchObject({ count: shape[0], ny: shape[1], nx: shape[2], pixelSizeAngstrom: 7.08 });
  for (const [z, y, x, value] of samples) expect(stack.readImage(z)[y * shape[2] + x]).toBe(Math.fround(value));
  stack.close();
});

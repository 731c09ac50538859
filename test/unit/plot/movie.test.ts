import { expect, test } from "vitest";
import { figureBundle } from "../../../kernel/figure-bundle.js";
import type { Volume } from "../../../src/core/types.js";
import { animatedGif } from "../../../src/plot/animated-gif.js";
import { surfaceLevel } from "../../../src/plot/isosurface.js";
import { movie } from "../../../src/plot/movie.js";
import { numberText } from "../../../src/plot/number-text.js";
import type { Raster } from "../../../src/plot/raster.js";
import { type GifFrame, readGif } from "../../support/gif-bytes.js";

const BOX = 16;
/** The last reaches further than the bead at rest. */
const PLACES = [-2, 0, 2, 4];

/** A bead at x voxels from the middle, beside one at rest below. */
function beadAt(x: number): Volume {
  const values = Float32Array.from({ length: BOX ** 3 }, (_, i) => {
    const [px, py, pz] = [i % BOX, Math.floor(i / BOX) % BOX, Math.floor(i / BOX ** 2)].map((p) => p - BOX / 2);
    const bead = (cx: number, cy: number): number => Math.exp(-((px! - cx) ** 2 + (py! - cy) ** 2 + pz! ** 2) / 4);
    return bead(x, -2) + bead(0, 3);
  });
  return { kind: "volume", box: BOX, pixelSizeAngstrom: 4, values };
}

/** Pixels of the first view, above the bead at rest, that are drawn: their mean x. */
function placeOf({ rgb }: GifFrame, width: number, isDrawn: (value: number) => boolean): number {
  let [sum, count] = [0, 0];
  for (let y = 0; y < 80; y++)
    for (let x = 0; x < 200; x++)
      if (isDrawn(rgb[3 * (y * width + x)]!)) {
        sum += x;
        count++;
      }
  return sum / count;
}

test("four maps go forth and back for ever: six frames of the same size and delay, the way back the way forth", () => {
  const { width, height, loops, frames } = readGif(movie(PLACES.map(beadAt), { framesPerSecond: 8 }).bytes);
  expect([width, height, loops, frames.length]).toEqual([620, 208, 0, 6]);
  expect(frames.map(({ delay }) => delay)).toEqual(new Array(6).fill(13)); // 12.5
  const same = (a: number, b: number): boolean => Buffer.from(frames[a]!.rgb).equals(frames[b]!.rgb);
  expect([same(4, 2), same(5, 1), same(0, 1), same(3, 2)]).toEqual([true, true, false, false]);
  expect(readGif(movie(PLACES.map(beadAt), { loop: "forth" }).bytes).frames.map(({ delay }) => delay)).toEqual([
    10, 10, 10, 10,
  ]);
});

test.each([
  ["surface", (value: number) => value < 250],
  ["slices", (value: number) => value > 200],
] as const)("%s: the bead moves by what it moves in the maps, and nothing else does", (kind, isDrawn) => {
  const { width, frames } = readGif(movie(PLACES.map(beadAt), { kind, loop: "forth" }).bytes);
  const places = frames.map((frame) => placeOf(frame, width, isDrawn));
  const steps = places.slice(1).map((x, i) => x - places[i]!);
  for (const step of steps) expect(step / steps[0]!).toBeCloseTo(1, 1);
  expect(steps[0]).toBeGreaterThan(8);
  // The bead at rest, below, keeps its place and shade but for the other's faint skirt.
  const below = frames.map(({ rgb }) => rgb.subarray(3 * 140 * width, 3 * 200 * width));
  for (const half of below) {
    const changed = half.filter((v, i) => i % (3 * width) < 600 && Math.abs(v - below[0]![i]!) > 12).length;
    expect(changed / (600 * 60)).toBeLessThan(0.002);
  }
  // The bar below fills up, and the paper beside it is white.
  const filled = frames.map(({ rgb }) =>
    Array.from({ length: width }, (_, x) => rgb[3 * (206 * width + x)]!).filter((value) => value < 0xc0),
  );
  expect(filled.map((pixels) => pixels.length)).toEqual([0, 207, 414, 620]);
  for (const { rgb } of frames) expect([...rgb.subarray(3 * 204, 3 * 205)]).toEqual([255, 255, 255]);
});

test("few colours are kept exactly, many are met within a few steps", () => {
  const picture = (colour: (i: number) => readonly [number, number, number]): Raster => {
    const pixels = Uint8Array.from({ length: 4 * 64 * 64 }, (_, i) => (i % 4 === 3 ? 255 : colour(i >> 2)[i % 4]!));
    return { width: 64, height: 64, pixels };
  };
  const check = (frames: readonly Raster[], within: number): void => {
    const read = readGif(animatedGif(frames, 10)).frames;
    frames.forEach(({ pixels }, f) => {
      const expected = pixels.filter((_, i) => i % 4 !== 3);
      const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - read[f]!.rgb[i]!)), 0);
      expect(worst).toBeLessThanOrEqual(within);
    });
  };
  const grey = picture((i) => [i % 256, i % 256, i % 256]);
  check([grey, picture((i) => [(7 * i) % 256, (7 * i) % 256, (7 * i) % 256])], 0);
  check([picture((i) => [255 - 30 * (i % 8), 10 * (i % 8), 7])], 0);
  check([picture((i) => [i % 64, 2 * (i % 64), Math.floor(i / 64)]), grey], 24);
});

test("a notebook gets the moving picture in an <img>, and no script", () => {
  const figure = movie(PLACES.map(beadAt), { title: "A <bead>" });
  const html = String(figureBundle(figure)["text/html"]);
  const [, data] = /^<img alt="A &lt;bead&gt;[^"]*" [^>]*src="data:image\/gif;base64,([^"]+)"\/>$/.exec(html)!;
  expect(Buffer.from(data!, "base64").equals(figure.bytes)).toBe(true);
  const level = PLACES.map((x) => surfaceLevel(beadAt(x)) / 4).reduce((a, b) => a + b);
  expect(figure.text.split("\n")).toEqual([
    "A <bead>: 4 maps, forth and back, 10 a second",
    "from frame 1 to frame 4",
    `box 16, voxel 4 Å, level ${numberText(level)}`,
  ]);
});

test("one map, maps of several boxes, and rates that no GIF has are refused", () => {
  const maps = PLACES.map(beadAt);
  expect(() => movie([maps[0]!])).toThrow("volumes: expected at least two maps, got 1");
  const other = { ...maps[1]!, pixelSizeAngstrom: 5 };
  expect(() => movie([maps[0]!, other])).toThrow("maps of box 16 and voxel 4 Å, got one of box 16 and voxel 5 Å");
  expect(() => movie(maps, { framesPerSecond: 0 })).toThrow("framesPerSecond: expected a rate from 1 to 50, got 0");
  expect(() => movie(maps, { labels: ["a"] })).toThrow("labels: expected one for each of 4 maps, got 1");
});

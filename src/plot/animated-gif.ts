/**
 * @file Opaque pictures of one size, one after another, as an animated GIF (gifenc) that plays for ever.
 *
 * All frames share one palette, so that what does not change does not flicker: the colours themselves where they are at most
 * 256, else as many that stand for them. A GIF counts time in hundredths of a second.
 */
import { createRequire } from "node:module";
import { check } from "../core/errors.js";
import type { Raster } from "./raster.js";

// A CommonJS file whose names Node does not see, and whose default is another thing to every loader.
const gifenc = createRequire(import.meta.url)("gifenc") as typeof import("gifenc");

const MOST_COLOURS = 256;

interface Indexed {
  readonly palette: readonly (readonly number[])[];
  /** Uint8[height width] of each frame: colours by number. */
  readonly indices: readonly Uint8Array[];
}

/** The bytes of the file. `framesPerSecond`: 1 to 50; browsers slow down what is faster. */
export function animatedGif(frames: readonly Raster[], framesPerSecond: number): Uint8Array {
  check(frames.length > 0, "frames", "at least one picture", frames.length);
  const inRange = framesPerSecond >= 1 && framesPerSecond <= 50;
  check(inRange, "framesPerSecond", "a rate from 1 to 50", framesPerSecond);
  const { width, height } = frames[0]!;
  for (const frame of frames)
    check(
      frame.width === width && frame.height === height,
      "frames",
      `pictures of ${width}×${height}`,
      `${frame.width}×${frame.height}`,
    );
  const { palette, indices } = indexed(frames);
  const encoder = gifenc.GIFEncoder();
  const delay = 10 * Math.round(100 / framesPerSecond);
  indices.forEach((index, i) => {
    encoder.writeFrame(index, width, height, { delay, ...(i === 0 && { palette, repeat: 0 }) });
  });
  encoder.finish();
  return encoder.bytes();
}

function indexed(frames: readonly Raster[]): Indexed {
  const numbers = new Map<number, number>();
  const words = frames.map(({ pixels }) => Uint32Array.from({ length: pixels.length / 4 }, (_, i) => word(pixels, i)));
  for (const frame of words) for (const colour of frame) if (!numbers.has(colour)) numbers.set(colour, numbers.size);
  if (numbers.size <= MOST_COLOURS)
    return {
      palette: [...numbers.keys()].map((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]),
      indices: words.map((frame) => Uint8Array.from(frame, (colour) => numbers.get(colour)!)),
    };
  const all = new Uint8Array(frames.length * frames[0]!.pixels.length);
  frames.forEach(({ pixels }, i) => {
    all.set(pixels, i * pixels.length);
  });
  const palette = gifenc.quantize(all, MOST_COLOURS);
  return { palette, indices: frames.map(({ pixels }) => gifenc.applyPalette(pixels.slice(), palette)) };
}

/** 0xrrggbb of a pixel. */
function word(pixels: Uint8Array, i: number): number {
  return (pixels[4 * i]! << 16) | (pixels[4 * i + 1]! << 8) | pixels[4 * i + 2]!;
}

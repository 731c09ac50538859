/** @file Small pictures made of pixels, as PNG data URIs (pngjs), to stand inside an SVG or a Plotly layout. */
import { PNG } from "pngjs";
import type { Rgb } from "./palette.js";

export interface Raster {
  readonly width: number;
  readonly height: number;
  /** Uint8[height width 4]: red, green, blue, opacity; first row at the top. */
  readonly pixels: Uint8Array;
}

export function blankRaster(width: number, height: number, colour?: Rgb): Raster {
  const pixels = new Uint8Array(4 * width * height);
  if (colour !== undefined) for (let i = 0; i < pixels.length; i += 4) pixels.set([...colour, 255], i);
  return { width, height, pixels };
}

/** "data:image/png;base64,…". Opaque greys are written with one byte a pixel. */
export function pngDataUri({ width, height, pixels }: Raster): string {
  const png = new PNG({ width, height });
  png.data = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const bytes = PNG.sync.write(png, isGrey(pixels) ? { colorType: 0 } : {});
  return `data:image/png;base64,${bytes.toString("base64")}`;
}

function isGrey(pixels: Uint8Array): boolean {
  for (let i = 0; i < pixels.length; i += 4)
    if (pixels[i] !== pixels[i + 1] || pixels[i] !== pixels[i + 2] || pixels[i + 3] !== 255) return false;
  return true;
}

/** Values between `low` (black) and `high` (white) as grey, written at (x, y) of `target`; rows from the top down. */
export function greyInto(
  target: Raster,
  corner: readonly [x: number, y: number],
  values: ArrayLike<number>,
  side: number,
  range: readonly [low: number, high: number],
): void {
  const [low, high] = range;
  const scale = high > low ? 255 / (high - low) : 0;
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const value = values[row * side + column]!;
      const grey = Number.isNaN(value) ? 0 : Math.max(0, Math.min(255, Math.round((value - low) * scale)));
      target.pixels.set([grey, grey, grey, 255], 4 * ((corner[1] + row) * target.width + corner[0] + column));
    }
}

/** Values at these fractions of the sorted list: a range for display that a few hot pixels cannot spoil. */
export function displayRange(values: ArrayLike<number>, low = 0.005, high = 0.995): readonly [number, number] {
  const sorted = Float64Array.from(values)
    .filter((v) => Number.isFinite(v))
    .sort();
  if (sorted.length === 0) return [0, 1];
  const at = (fraction: number): number => sorted[Math.round(fraction * (sorted.length - 1))]!;
  return [at(low), at(high)];
}

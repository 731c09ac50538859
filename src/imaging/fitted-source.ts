/**
 * @file Particles of another box as a source of the width asked for: cropped, or continued by their mirror image.
 *
 * A network learnt what a particle looks like on a grid of so many Å; images of another box or pixel size are cut or
 * continued to that width, and prepare() brings them to the same number of Fourier pixels. The background is continued
 * by mirroring, so that it keeps the power that the noise is measured by.
 */
import { check } from "../core/errors.js";
import type { ParticleSource } from "../core/types.js";

/** A width may differ by this: less than a network's own error. */
const TOLERANCE = 0.012;

export interface FittedSourceOptions {
  /** Side of the working images, pixels, and their pixel size. */
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  readonly diameterAngstrom: number;
}

/** `source` itself where it fits; else the same particles, `box · pixelSizeAngstrom` wide to within 1.2 %. */
export function fittedSource(source: ParticleSource, wanted: FittedSourceOptions): ParticleSource {
  const width = wanted.box * wanted.pixelSizeAngstrom;
  const pixel = source.pixelSizeAngstrom;
  check(
    source.gridOf === undefined,
    source.path,
    "images of one box and pixel size",
    "several",
    "infer those of each microscope on their own",
  );
  const side = 2 * Math.round(width / pixel / 2);
  const where = `${source.path}, images of ${source.box} pixels of ${round(pixel)} Å`;
  check(
    side >= wanted.box,
    where,
    `pixels of at most ${round(wanted.pixelSizeAngstrom)} Å, as in the run`,
    `${round(pixel)} Å`,
    "extract the particles at a smaller pixel size",
  );
  check(
    source.box * pixel >= wanted.diameterAngstrom,
    where,
    `a width of at least the particle's diameter, ${round(wanted.diameterAngstrom)} Å`,
    `${round(source.box * pixel)} Å`,
    "extract the particles in a larger box",
  );
  check(
    Math.abs((side * pixel) / width - 1) <= TOLERANCE,
    where,
    `a pixel size of which an even number makes ${round(width)} Å to within ${100 * TOLERANCE} %`,
    `${side} × ${round(pixel)} = ${round(side * pixel)} Å`,
    "rescale the particles to the pixel size of the run",
  );
  if (side === source.box) return source;
  const whole = new Float32Array(source.box ** 2);
  const from = (source.box - side) / 2;
  const inside = (i: number): number => {
    const at = i + from;
    if (at < 0) return -at;
    return at < source.box ? at : 2 * (source.box - 1) - at;
  };
  return {
    ...source,
    box: side,
    optics: (index) => source.optics(index),
    defocus: (index) => source.defocus(index),
    close: () => source.close(),
    readImage(index, out = new Float32Array(side * side)) {
      source.readImage(index, whole);
      for (let y = 0, at = 0; y < side; y++)
        for (let x = 0; x < side; x++, at++) out[at] = whole[inside(y) * source.box + inside(x)]!;
      return out;
    },
  };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

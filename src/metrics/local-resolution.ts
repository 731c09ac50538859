/**
 * @file Resolution from place to place: the correlation of two half maps within a window, one band of frequencies at a time.
 *
 *     c(x, s) = (w * a_s b_s) / √((w * a_s²)(w * b_s²)),   a_s, b_s: the halves band-passed about s, w: a Gaussian window
 *
 * A voxel's resolution is the first s where c falls below the threshold, interpolated between bands. A window smaller than a
 * few wavelengths holds too few waves to judge by: it widens with the wavelength. Read it as relative sharpness (cf. Cardone
 * et al. 2013, who cut windows out and compare them by FSC).
 */
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { gaussianBlurred } from "../imaging/gaussian-blur.js";
import { filteredMap } from "./map-filter.js";

export interface LocalResolutionOptions {
  /** Correlation read off; half maps. @default 0.5 */
  readonly threshold?: number;
  /** Standard deviation of the window in wavelengths. @default 1 */
  readonly windowWavelengths?: number;
  /** Coarsest resolution to begin with. @default a quarter of the box side */
  readonly coarsestAngstrom?: number;
}

/** Å at every voxel, as a map: colour another map's surface with it. */
export function localResolution(a: Volume, b: Volume, options: LocalResolutionOptions = {}): Volume {
  const { box, pixelSizeAngstrom } = a;
  const { threshold = 0.5, windowWavelengths = 1, coarsestAngstrom = (box * pixelSizeAngstrom) / 4 } = options;
  check(b.box === box, "b.box", `the box of a (${box})`, b.box);
  check(threshold > 0 && threshold < 1, "threshold", "a correlation in (0, 1)", threshold);
  check(windowWavelengths > 0, "windowWavelengths", "a positive width", windowWavelengths);
  const side = box * pixelSizeAngstrom;
  const values = new Float32Array(box ** 3).fill(coarsestAngstrom);
  const open = new Uint8Array(box ** 3).fill(1);
  let before = new Float32Array(box ** 3).fill(1);
  const step = Math.max(1, box / 32);
  const first = Math.max(2, Math.round(side / coarsestAngstrom));
  for (let shell = first; shell <= box / 2 - 1; shell += step) {
    const correlation = bandCorrelation(a, b, shell, step, windowWavelengths);
    for (let i = 0; i < values.length; i++) {
      if (open[i] === 0) continue;
      const now = correlation[i]!;
      if (now >= threshold) values[i] = side / shell;
      else {
        open[i] = 0;
        const part = (before[i]! - threshold) / (before[i]! - now);
        if (shell > first) values[i] = side / (shell - step + part * step);
      }
    }
    before = correlation;
  }
  return { kind: "volume", box, pixelSizeAngstrom, values };
}

function bandCorrelation(
  a: Volume,
  b: Volume,
  shell: number,
  width: number,
  windowWavelengths: number,
): Float32Array<ArrayBuffer> {
  const { box } = a;
  const band = (r: number): number => Math.exp(-(((r - shell) / width) ** 2) / 2);
  const [fa, fb] = [filteredMap(a, band).values, filteredMap(b, band).values];
  const sigma = (windowWavelengths * box) / shell;
  const local = (x: Float32Array, y: Float32Array): Float32Array =>
    gaussianBlurred(
      x.map((v, i) => v * y[i]!),
      box,
      sigma,
    );
  const [ab, aa, bb] = [local(fa, fb), local(fa, fa), local(fb, fb)];
  return Float32Array.from(ab, (v, i) => {
    const norm = Math.sqrt(aa[i]! * bb[i]!);
    return norm > 0 ? v / norm : 0;
  });
}

/**
 * @file Maps with their amplitudes changed as a function of frequency: low-pass, sharpening, weights by FSC.
 *
 * Low-pass: 1 up to one shell before the limit, a raised cosine to 0 at one shell beyond (RELION's edge of two shells).
 * Sharpening: exp(−B s²/4), so a negative B raises high frequencies. Weights: √(2 FSC / (1 + FSC)), what a half-map FSC says
 * of the whole map (Rosenthal & Henderson 2003).
 */
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { transformVolume, volumeFromTransform } from "../imaging/fourier.js";
import type { FourierShellCorrelation } from "./fourier-shell-correlation.js";

/** The map times `factor`, a function of the radius in Fourier pixels. */
export function filteredMap(volume: Volume, factor: (radius: number) => number): Volume {
  const { box } = volume;
  const transform = transformVolume(volume);
  const known = new Map<number, number>();
  const wrapped = (i: number): number => (i < box / 2 ? i : i - box);
  for (let z = 0, at = 0; z < box; z++)
    for (let y = 0; y < box; y++)
      for (let x = 0; x < box; x++, at += 2) {
        const square = wrapped(x) ** 2 + wrapped(y) ** 2 + wrapped(z) ** 2;
        if (!known.has(square)) known.set(square, factor(Math.sqrt(square)));
        const f = known.get(square)!;
        transform.values[at]! *= f;
        transform.values[at + 1]! *= f;
      }
  return volumeFromTransform(transform, volume.pixelSizeAngstrom);
}

/** The map without what is finer than `resolutionAngstrom`. */
export function lowPassFiltered(volume: Volume, resolutionAngstrom: number): Volume {
  const { box, pixelSizeAngstrom } = volume;
  check(resolutionAngstrom > 0, "resolutionAngstrom", "a positive resolution", resolutionAngstrom);
  const limit = Math.round((box * pixelSizeAngstrom) / resolutionAngstrom);
  const [low, high] = [Math.max(0, limit - 1), limit + 1];
  return filteredMap(volume, (r) =>
    r < low ? 1 : r > high ? 0 : 0.5 + 0.5 * Math.cos((Math.PI * (r - low)) / (high - low)),
  );
}

/** The map with amplitudes times exp(−B s²/4) up to Nyquist, 0 beyond. `bFactor` in Å². */
export function sharpened(volume: Volume, bFactor: number): Volume {
  const { box, pixelSizeAngstrom } = volume;
  check(Number.isFinite(bFactor), "bFactor", "a number of Å²", bFactor);
  const scale = (box * pixelSizeAngstrom) ** 2;
  return filteredMap(volume, (r) => (r > box / 2 ? 0 : Math.exp((-bFactor * r * r) / (4 * scale))));
}

/** The map with every shell weighted by what its half-map FSC is worth; nothing from the first shell below 0 on. */
export function weightedByFsc(volume: Volume, fsc: FourierShellCorrelation): Volume {
  const shells = volume.box / 2;
  check(fsc.correlation.length === shells, "fsc", `${shells} shells as the map has`, fsc.correlation.length);
  const end = fsc.correlation.findIndex((c, i) => i > 1 && c <= 0);
  const weight = fsc.correlation.map((c, i) => (c <= 0 || (end > 0 && i >= end) ? 0 : Math.sqrt((2 * c) / (1 + c))));
  return filteredMap(volume, (r) => weight[Math.round(r)] ?? 0);
}

/**
 * B (Å²) by which the map's amplitudes fall, from the slope of ln |F| against s² (Guinier plot) between two resolutions;
 * `sharpened` with its negative makes the fall-off flat. Refuses a range of fewer than three shells.
 */
export function guinierBFactor(volume: Volume, range: readonly [fromAngstrom: number, toAngstrom: number]): number {
  const { box, pixelSizeAngstrom } = volume;
  const { values } = transformVolume(volume);
  const [sums, counts] = [new Float64Array(box / 2), new Float64Array(box / 2)];
  const wrapped = (i: number): number => (i < box / 2 ? i : i - box);
  for (let z = 0, at = 0; z < box; z++)
    for (let y = 0; y < box; y++)
      for (let x = 0; x < box; x++, at += 2) {
        const shell = Math.round(Math.hypot(wrapped(x), wrapped(y), wrapped(z)));
        if (shell >= box / 2) continue;
        sums[shell]! += Math.hypot(values[at]!, values[at + 1]!);
        counts[shell]!++;
      }
  const [from, to] = [1 / range[0], 1 / range[1]];
  const points = Array.from(sums, (sum, i): [number, number] => {
    return [(i / (box * pixelSizeAngstrom)) ** 2, Math.log(sum / counts[i]!)];
  }).filter(([s2, amplitude]) => s2 >= from * from && s2 <= to * to && Number.isFinite(amplitude));
  check(points.length >= 3, "range", "at least three shells", points.length, "widen it");
  const mean = (k: 0 | 1): number => points.reduce((sum, p) => sum + p[k], 0) / points.length;
  const [mx, my] = [mean(0), mean(1)];
  const slope =
    points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  return -4 * slope;
}

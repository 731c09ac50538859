/**
 * @file Fourier shell correlation: how alike two maps are at each spatial frequency.
 *
 *     FSC(i) = Re Σ a b* / √(Σ|a|² Σ|b|²)   over the frequencies of shell i
 *
 * Shell i of the cryoDRGN family (the default, for numbers comparable with the papers) is i − 1 ≤ |k| < i in Fourier
 * pixels: it is named by its upper edge, shell 1 holds DC alone and is ±1, and FSC(0) = 1 by definition. RELION's shell i is
 * |k| rounded to i, which names the same correlation half a shell lower; RELION sums over the half of the transform that FFTW
 * stores, which counts the plane kx = 0 twice against the rest, and so does "relion" here. Read at 0.5 against a true map
 * and at 0.143 between half maps (Rosenthal & Henderson 2003).
 */
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { transformVolume } from "../imaging/fourier.js";

export interface FourierShellCorrelation {
  readonly kind: "fourier-shell-correlation";
  readonly pixelSizeAngstrom: number;
  /** Float64[box/2], 1/Å: i / (box · pixel size). */
  readonly frequency: Float64Array;
  /** Float64[box/2], −1..1; 0 for a shell without signal in one of the maps. */
  readonly correlation: Float64Array;
}

export interface FourierShellCorrelationOptions {
  /** Float32[box box box], multiplied into both maps first. @default none */
  readonly mask?: Float32Array;
  /** How shells are named. @default "cryodrgn" */
  readonly shells?: "cryodrgn" | "relion";
}

/** FSC of two maps in the same frame, box and pixel size. */
export function fourierShellCorrelation(
  a: Volume,
  b: Volume,
  options: FourierShellCorrelationOptions = {},
): FourierShellCorrelation {
  const { mask, shells = "cryodrgn" } = options;
  const { box, pixelSizeAngstrom } = a;
  check(b.box === box, "b.box", `the box of a (${box})`, b.box);
  check(
    sameLength(b.pixelSizeAngstrom, pixelSizeAngstrom),
    "b.pixelSizeAngstrom",
    `${pixelSizeAngstrom} Å as in a`,
    b.pixelSizeAngstrom,
  );
  const [fa, fb] = [a, b].map((volume) => transformVolume(masked(volume, mask)).values) as [Float64Array, Float64Array];
  const count = box / 2;
  const [ab, aa, bb] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  for (let z = 0, at = 0; z < box; z++)
    for (let y = 0; y < box; y++)
      for (let x = 0; x < box; x++, at += 2) {
        if (shells === "relion" && x > box / 2) continue;
        const radius = Math.hypot(wrapped(x, box), wrapped(y, box), wrapped(z, box));
        const shell = shells === "relion" ? Math.round(radius) : Math.floor(radius + 1e-9) + 1;
        if (shell >= count) continue;
        ab[shell]! += fa[at]! * fb[at]! + fa[at + 1]! * fb[at + 1]!;
        aa[shell]! += fa[at]! ** 2 + fa[at + 1]! ** 2;
        bb[shell]! += fb[at]! ** 2 + fb[at + 1]! ** 2;
      }
  const correlation = ab.map((sum, i) => {
    const norm = Math.sqrt(aa[i]! * bb[i]!);
    return i === 0 ? 1 : norm === 0 ? 0 : sum / norm;
  });
  const frequency = Float64Array.from({ length: count }, (_, i) => i / (box * pixelSizeAngstrom));
  return { kind: "fourier-shell-correlation", pixelSizeAngstrom, frequency, correlation };
}

/** Å at the first shell below `threshold` (DC apart); Nyquist when none is. */
export function resolutionAngstrom(fsc: FourierShellCorrelation, threshold: number): number {
  check(threshold > 0 && threshold < 1, "threshold", "a correlation in (0, 1)", threshold);
  // Shell 1 may hold DC alone, where two maps with different offsets read −1.
  for (let i = 2; i < fsc.correlation.length; i++) if (fsc.correlation[i]! < threshold) return 1 / fsc.frequency[i]!;
  return 2 * fsc.pixelSizeAngstrom;
}

/** Area under |FSC| by the trapezoid rule over i/box; a perfect score is (box/2 − 1)/box: 0.484 for 64, 0.492 for 128. */
export function fscArea(fsc: FourierShellCorrelation): number {
  const { correlation } = fsc;
  let area = 0;
  for (let i = 1; i < correlation.length; i++) area += (Math.abs(correlation[i - 1]!) + Math.abs(correlation[i]!)) / 2;
  return area / (2 * correlation.length);
}

function masked(volume: Volume, mask: Float32Array | undefined): Volume {
  if (mask === undefined) return volume;
  check(mask.length === volume.values.length, "mask", `${volume.box}³ values`, mask.length);
  return { ...volume, values: volume.values.map((value, i) => value * mask[i]!) };
}

function wrapped(index: number, box: number): number {
  return index < box / 2 ? index : index - box;
}

/** Pixel sizes come from headers with six digits. */
function sameLength(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-3 * Math.max(a, b);
}

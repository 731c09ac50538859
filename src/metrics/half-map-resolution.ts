/**
 * @file The resolution of a map from its two halves: FSC as it is, under a mask, and with what the mask adds taken away.
 *
 *     FSC_true = (FSC_masked − FSC_random) / (1 − FSC_random)
 *
 * from two shells beyond the first where the unmasked FSC falls below 0.8; FSC_random is that of the masked halves after
 * their phases were randomised from there on (Chen et al. 2013). Shells, sums and the reading of the resolution (the last shell
 * before the first below 0.143, Rosenthal & Henderson 2003) are those of RELION's `relion_postprocess`.
 */
import { check } from "../core/errors.js";
import { type Random, seededRandom } from "../core/random.js";
import type { Volume } from "../core/types.js";
import { type FourierShellCorrelation, fourierShellCorrelation } from "./fourier-shell-correlation.js";
import { randomisedPhases } from "./phase-randomisation.js";

export interface HalfMapResolutionOptions {
  /** Float32[box box box], 0..1, with a soft edge. @default none */
  readonly mask?: Float32Array;
  /** Randomise from the first shell where the unmasked FSC is below this. @default 0.8 */
  readonly randomiseBelow?: number;
  /** @default a stream of its own, always the same */
  readonly random?: Random;
}

export interface HalfMapResolution {
  readonly kind: "half-map-resolution";
  readonly unmasked: FourierShellCorrelation;
  /** With a mask only. */
  readonly masked?: FourierShellCorrelation;
  /** With a mask only: what the mask makes of maps that have nothing in common. */
  readonly randomised?: FourierShellCorrelation;
  /** The FSC to believe: corrected for the mask, or unmasked without one. */
  readonly corrected: FourierShellCorrelation;
  /** Where the phases were randomised from; with a mask only. */
  readonly randomisedFromAngstrom?: number;
  /** Of `corrected` at 0.143. */
  readonly resolutionAngstrom: number;
}

/** FSC suite of two half maps in the same frame, box and pixel size. */
export function halfMapResolution(a: Volume, b: Volume, options: HalfMapResolutionOptions = {}): HalfMapResolution {
  const { mask, randomiseBelow = 0.8, random = seededRandom(0) } = options;
  check(randomiseBelow > 0 && randomiseBelow <= 1, "randomiseBelow", "a correlation in (0, 1]", randomiseBelow);
  const unmasked = fourierShellCorrelation(a, b, { shells: "relion" });
  if (mask === undefined)
    return {
      kind: "half-map-resolution",
      unmasked,
      corrected: unmasked,
      resolutionAngstrom: lastShellAbove(unmasked, 0.143),
    };
  const found = unmasked.correlation.findIndex((c, i) => i > 0 && c < randomiseBelow);
  const from = found < 0 ? unmasked.correlation.length - 1 : found;
  const masked = fourierShellCorrelation(a, b, { shells: "relion", mask });
  const [ra, rb] = [randomisedPhases(a, from, random), randomisedPhases(b, from, random)];
  const randomised = fourierShellCorrelation(ra, rb, { shells: "relion", mask });
  const corrected = correctedForMask(masked, randomised, from + 2);
  return {
    kind: "half-map-resolution",
    unmasked,
    masked,
    randomised,
    corrected,
    randomisedFromAngstrom: 1 / unmasked.frequency[from]!,
    resolutionAngstrom: lastShellAbove(corrected, 0.143),
  };
}

/** The formula above from shell `from` on; the masked FSC before. */
export function correctedForMask(
  masked: FourierShellCorrelation,
  randomised: FourierShellCorrelation,
  from: number,
): FourierShellCorrelation {
  const correlation = masked.correlation.map((m, i) => {
    const r = randomised.correlation[i]!;
    return i < from || r >= 1 ? m : (m - r) / (1 - r);
  });
  return { ...masked, correlation };
}

/** Å of the last shell before the first below `threshold`; Nyquist's neighbour when none is. */
export function lastShellAbove(fsc: FourierShellCorrelation, threshold: number): number {
  const below = fsc.correlation.findIndex((c, i) => i > 0 && c < threshold);
  const last = below < 0 ? fsc.correlation.length - 1 : below - 1;
  return last === 0 ? Number.POSITIVE_INFINITY : 1 / fsc.frequency[last]!;
}

/** Å where the line between neighbouring shells falls through `threshold`; Nyquist when it never does. */
export function crossingAngstrom(fsc: FourierShellCorrelation, threshold: number): number {
  check(threshold > 0 && threshold < 1, "threshold", "a correlation in (0, 1)", threshold);
  const { correlation: c, frequency: f } = fsc;
  for (let i = 2; i < c.length; i++) {
    if (c[i]! >= threshold) continue;
    const above = Math.max(c[i - 1]!, threshold);
    const part = above === c[i]! ? 1 : (above - threshold) / (above - c[i]!);
    return 1 / (f[i - 1]! + part * (f[i]! - f[i - 1]!));
  }
  return 2 * fsc.pixelSizeAngstrom;
}

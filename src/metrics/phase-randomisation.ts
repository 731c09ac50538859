/**
 * @file A map whose phases say nothing beyond a resolution, amplitudes unchanged (Chen et al. 2013).
 *
 * The correlation of two such maps under a mask is what the mask alone makes of nothing.
 */
import { check } from "../core/errors.js";
import type { Random } from "../core/random.js";
import type { Volume } from "../core/types.js";
import { transformVolume, volumeFromTransform } from "../imaging/fourier.js";

/** Random phases in shell `fromShell` (radius in Fourier pixels, rounded) and beyond. */
export function randomisedPhases(volume: Volume, fromShell: number, random: Random): Volume {
  const { box } = volume;
  check(fromShell >= 1, "fromShell", "a shell of at least 1", fromShell);
  const transform = transformVolume(volume);
  const { values } = transform;
  const wrapped = (i: number): number => (i < box / 2 ? i : i - box);
  const mate = (i: number): number => (box - i) % box;
  for (let z = 0, at = 0; z < box; z++)
    for (let y = 0; y < box; y++)
      for (let x = 0; x < box; x++, at += 2) {
        const other = 2 * ((mate(z) * box + mate(y)) * box + mate(x));
        if (other < at) continue;
        if (Math.round(Math.hypot(wrapped(x), wrapped(y), wrapped(z))) < fromShell) continue;
        const amplitude = Math.hypot(values[at]!, values[at + 1]!);
        // A coefficient that is its own mate is real: its phase is a sign.
        const angle = other === at ? (random.uniform() < 0.5 ? 0 : Math.PI) : 2 * Math.PI * random.uniform();
        values[at] = amplitude * Math.cos(angle);
        values[at + 1] = other === at ? 0 : amplitude * Math.sin(angle);
        values[other] = values[at]!;
        if (other !== at) values[other + 1] = -values[at + 1]!;
      }
  return volumeFromTransform(transform, volume.pixelSizeAngstrom);
}

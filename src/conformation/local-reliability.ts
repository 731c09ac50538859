/**
 * @file Each mode cut down, place by place, to what two halves of the images agree on.
 *
 *     w(x) = 2 c / (1 + c)        c = (a b) * g / ½ (a² + b²) * g, at least 0; a, b the mode by each half, g a Gaussian
 *
 * What half-set-filter.ts does by shell, in real space: a motion moves a part of the particle, and what a mode shows elsewhere is
 * noise that z follows. On the ribosome's ratchet (1,000 images, SNR 0.1) |Spearman| of z with the truth goes from 0.888 to 0.894.
 */
import type { Volume } from "../core/types.js";
import { gaussianBlurred } from "../imaging/gaussian-blur.js";

/** Standard deviation of the Gaussian. */
const BLUR_ANGSTROM = 20;

/** Float32[box box box], 0..1, from one mode as a map of each half of the images. */
export function localReliability(first: Volume, second: Volume): Float32Array {
  const { box, pixelSizeAngstrom } = first;
  const smooth = (values: Float32Array): Float32Array =>
    gaussianBlurred(values, box, BLUR_ANGSTROM / pixelSizeAngstrom);
  const common = smooth(first.values.map((a, i) => a * second.values[i]!));
  const power = smooth(first.values.map((a, i) => (a * a + second.values[i]! ** 2) / 2));
  return common.map((sum, i) => {
    const agreement = power[i]! > 0 ? Math.max(0, sum / power[i]!) : 0;
    return (2 * agreement) / (1 + agreement);
  });
}

/**
 * @file Each mode cut down, shell by shell, to what two halves of the images agree on.
 *
 *     w(s) = 2q FSC / (1 + (2q − 1) FSC)      FSC of the mode solved from even and from odd images, same z
 *
 * q is the part of the images that the mode is of: signal over signal and noise, q = ½ for a half, 1 for the whole. The mode
 * so filtered is its own posterior mean. A shell of noise alone would otherwise let z follow the noise of its own image.
 */
import type { FourierRaster } from "../imaging/fourier-raster.js";

/** Correlation per shell of Fourier pixels, negative ones 0: Float64[ceil(radius) + 2]. */
export function halfSetCorrelation(first: FourierRaster, second: FourierRaster): Float64Array {
  const shells = Math.ceil(first.radius) + 2;
  const [ab, aa, bb] = [new Float64Array(shells), new Float64Array(shells), new Float64Array(shells)];
  forEachCell(first, (at, shell) => {
    const [ar, ai, br, bi] = [first.values[at]!, first.values[at + 1]!, second.values[at]!, second.values[at + 1]!];
    ab[shell]! += ar * br + ai * bi;
    aa[shell]! += ar * ar + ai * ai;
    bb[shell]! += br * br + bi * bi;
  });
  return ab.map((sum, s) => {
    const power = Math.sqrt(aa[s]! * bb[s]!);
    return power > 0 ? Math.max(0, sum / power) : 0;
  });
}

/** Factor per shell for a mode that is of the part `share` of the images. */
export function reliability(correlation: Float64Array, share: number): Float64Array {
  return correlation.map((fsc) => (2 * share * fsc) / (1 + (2 * share - 1) * fsc));
}

/** The raster times a factor per shell. */
export function filtered(raster: FourierRaster, factor: Float64Array): FourierRaster {
  const values = raster.values.slice();
  forEachCell(raster, (at, shell) => {
    values[at]! *= factor[shell]!;
    values[at + 1]! *= factor[shell]!;
  });
  return { ...raster, values };
}

function forEachCell({ size, oversampling, radius }: FourierRaster, visit: (at: number, shell: number) => void): void {
  const middle = (size - 1) / 2;
  const last = Math.ceil(radius) + 1;
  for (let z = -middle, at = 0; z <= middle; z++)
    for (let y = -middle; y <= middle; y++)
      for (let x = -middle; x <= middle; x++, at += 2) {
        const shell = Math.round(Math.sqrt(x * x + y * y + z * z) / oversampling);
        if (shell <= last) visit(at, shell);
      }
}

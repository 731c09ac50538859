/** @file The CTF parameters of all images as one table, so that they can be stored and sent to threads. */
import type { Defocus, Optics, ParticleSource } from "../core/types.js";

/** Numbers of one image, in this order: has CTF, kV, Cs mm, w, dU Å, dV Å, angle rad, phase rad. */
const CONTRAST_FIELDS = 8;

/** Float64[count 8]. */
export function contrastTable(source: ParticleSource): Float64Array {
  const table = new Float64Array(CONTRAST_FIELDS * source.count);
  for (let i = 0; i < source.count; i++) {
    if (!source.hasCtf) continue;
    const [o, d] = [source.optics(i), source.defocus(i)];
    const values = [1, o.voltageKv, o.sphericalAberrationMm, o.amplitudeContrast];
    table.set([...values, d.uAngstrom, d.vAngstrom, d.angleRad, d.phaseShiftRad], CONTRAST_FIELDS * i);
  }
  return table;
}

/** The optics and defocus of image `index`; undefined when the set has no CTF. */
export function contrastOf(
  contrast: Float64Array,
  index: number,
): { readonly optics: Optics; readonly defocus: Defocus } | undefined {
  const [has, kv, cs, w, u, v, angle, phase] = contrast.subarray(
    CONTRAST_FIELDS * index,
    CONTRAST_FIELDS * (index + 1),
  );
  if (has === 0) return undefined;
  return {
    optics: { voltageKv: kv!, sphericalAberrationMm: cs!, amplitudeContrast: w! },
    defocus: { uAngstrom: u!, vAngstrom: v!, angleRad: angle!, phaseShiftRad: phase! },
  };
}

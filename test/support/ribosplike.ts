/**
 * @file The ribosplike mixture: 70S ribosome (ratchet), pre-catalytic spliceosome, SARS-CoV-2 spike, each moving.
 *
 * As `../shared/data/README.md` describes: 64³ at 8.5 Å, every species of the same variance of its projections.
 */
import type { Exposure, ParticleModel } from "../../src/imaging/simulate.js";
import { speciesModel } from "./species.js";

export const RIBOSPLIKE: readonly string[] = ["ribosome", "spliceosome", "spike"];
export const GRID = { box: 64, pixelSizeAngstrom: 8.5 } as const;
/** SNR 0.1, shifts of up to 5 % of the box, CTF. */
export const EXPOSURE: Omit<Exposure, "counts"> = {
  ...GRID,
  seed: 11,
  snr: 0.1,
  shiftAngstrom: 27,
  optics: { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 },
  defocusAngstrom: [10000, 25000],
  astigmatismAngstrom: 500,
};

/** The three species; procedural ones where the shared data are absent. */
export function ribosplike(): ParticleModel {
  return speciesModel(RIBOSPLIKE, GRID);
}

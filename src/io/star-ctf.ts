/**
 * @file Optics and defocus of each particle of a STAR file.
 *
 * Missing rlnPhaseShift means 0, missing rlnDefocusV means U, missing rlnDefocusAngle means 0. Angles in degrees.
 * Beam tilt, higher aberrations, magnification matrices and CTF B-factors are not modelled.
 */
import { RADIANS_PER_DEGREE } from "../core/constants.js";
import { IolausError } from "../core/errors.js";
import type { Defocus, Optics } from "../core/types.js";
import type { ColumnOfParticles } from "./star-optics.js";

/** CTF parameters of `count` particles. */
export interface ParticleCtfs {
  optics(index: number): Optics;
  defocus(index: number): Defocus;
}

/** Parameters for which the CTF is 1 everywhere: no aberration, all contrast from amplitude. */
export const NO_CTF: ParticleCtfs = {
  optics: () => ({ voltageKv: 300, sphericalAberrationMm: 0, amplitudeContrast: 1 }),
  defocus: () => ({ uAngstrom: 0, vAngstrom: 0, angleRad: 0, phaseShiftRad: 0 }),
};

const NEEDED = ["rlnVoltage", "rlnSphericalAberration", "rlnAmplitudeContrast", "rlnDefocusU"] as const;
const OPTIONAL = ["rlnDefocusV", "rlnDefocusAngle", "rlnPhaseShift"] as const;
const FLAGS = ["rlnCtfDataArePhaseFlipped", "rlnCtfDataAreCtfPremultiplied"] as const;

/** What `starCtfs` asks for. */
export const CTF_LABELS: readonly string[] = [...NEEDED, ...OPTIONAL, ...FLAGS];

/** Read the CTF columns, or refuse with the names of those that are missing. */
export function starCtfs(path: string, column: ColumnOfParticles): ParticleCtfs {
  for (const flag of FLAGS)
    if (column(flag)?.some((value) => value !== 0))
      throw new IolausError(
        "unsupported",
        `${path}: expected images as recorded, got ${flag} = 1; extract the particles again without it`,
      );
  const found = NEEDED.map((label) => column(label));
  const missing = NEEDED.filter((_, i) => found[i] === null);
  const [voltage, aberration, contrast, u] = found;
  if (!voltage || !aberration || !contrast || !u)
    throw new IolausError(
      "bad-file",
      `${path}: expected the CTF columns ${NEEDED.join(", ")}, got a file without ${missing.join(", ")}; ` +
        'estimate the CTF and extract again, or pass ctf: "none" (--ctf none) if the images carry no CTF',
    );
  const [v, angle, phaseShift] = OPTIONAL.map((label) => column(label));
  return {
    optics: (i) => ({
      voltageKv: voltage[i]!,
      sphericalAberrationMm: aberration[i]!,
      amplitudeContrast: contrast[i]!,
    }),
    defocus: (i) => ({
      uAngstrom: u[i]!,
      vAngstrom: v?.[i] ?? u[i]!,
      angleRad: (angle?.[i] ?? 0) * RADIANS_PER_DEGREE,
      phaseShiftRad: (phaseShift?.[i] ?? 0) * RADIANS_PER_DEGREE,
    }),
  };
}

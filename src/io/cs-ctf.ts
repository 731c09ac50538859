/** @file Optics, defocus and pixel size of the particles of cryoSPARC tables. Higher aberrations are not modelled. */
import { IolausError } from "../core/errors.js";
import { type CsParticles, joinedNumbers } from "./cs-join.js";
import type { ParticleCtfs } from "./star-ctf.js";

const NEEDED = ["ctf/accel_kv", "ctf/cs_mm", "ctf/amp_contrast", "ctf/df1_A"] as const;

/** Read the CTF fields, or refuse with the names of those that are missing. */
export function csCtfs(particles: CsParticles): ParticleCtfs {
  const found = NEEDED.map((name) => joinedNumbers(particles, name));
  const [voltage, aberration, contrast, u] = found;
  if (!voltage || !aberration || !contrast || !u) {
    const missing = NEEDED.filter((_, i) => found[i] === null).join(", ");
    const files = particles.parts.map(({ table }) => table.path).join(", ");
    const advice = 'pass the passthrough file of the job (--passthrough), or ctf: "none" (--no-ctf)';
    throw new IolausError("bad-file", `${files}: expected ${NEEDED.join(", ")}, got no ${missing}; ${advice}`);
  }
  const v = joinedNumbers(particles, "ctf/df2_A") ?? u;
  const angle = joinedNumbers(particles, "ctf/df_angle_rad");
  const phaseShift = joinedNumbers(particles, "ctf/phase_shift_rad");
  return {
    optics: (i) => ({
      voltageKv: voltage[i]!,
      sphericalAberrationMm: decimal(aberration[i]!),
      amplitudeContrast: decimal(contrast[i]!),
    }),
    defocus: (i) => ({
      uAngstrom: u[i]!,
      vAngstrom: v[i]!,
      angleRad: angle?.[i] ?? 0,
      phaseShiftRad: phaseShift?.[i] ?? 0,
    }),
  };
}

/** The short decimal that a float32 was made of: 2.7, not 2.7000000476837. */
export function decimal(value: number): number {
  return Number(value.toPrecision(7));
}

/** Å per pixel of every particle; null when no table has blob/psize_A. */
export function csPixelSizes(particles: CsParticles): Float64Array | null {
  const sizes = joinedNumbers(particles, "blob/psize_A");
  return sizes === null ? null : Float64Array.from(sizes, decimal);
}

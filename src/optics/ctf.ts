/**
 * @file Contrast transfer function of a thin specimen.
 *
 *     χ(s, θ) = π λ z(θ) s² − ½ π Cs λ³ s⁴ + φ + asin w
 *     z(θ)    = ½ [ zU + zV + (zU − zV) cos 2(θ − θU) ]
 *     ctf     = sin χ                        so ctf(0) = w when φ = 0
 *
 * s  spatial frequency, 1/Å      z  defocus, Å, positive = underfocus
 * λ  electron wavelength, Å      φ  extra phase shift, rad
 * Cs spherical aberration, Å     w  amplitude contrast, 0..1
 *
 * Positive at low frequency, so a positive density gives a bright particle (RELION's data sign).
 * The cryoDRGN family uses the opposite sign; `io/` converts. Source: Rohou & Grigorieff 2015 (CTFFIND4).
 */
import { WAVELENGTH_NUMERATOR, WAVELENGTH_RELATIVISTIC } from "../core/constants.js";
import { check } from "../core/errors.js";
import type { Defocus, Optics } from "../core/types.js";

/** Å, of an electron accelerated through `voltageKv`. */
export function electronWavelength(voltageKv: number): number {
  check(voltageKv > 0, "voltageKv", "a positive voltage in kV", voltageKv);
  const volts = voltageKv * 1e3;
  return WAVELENGTH_NUMERATOR / Math.sqrt(volts + WAVELENGTH_RELATIVISTIC * volts * volts);
}

/** χ in rad as a function of (sx, sy) in 1/Å; the constants are folded once. */
export function ctfPhase(optics: Optics, defocus: Defocus): (sx: number, sy: number) => number {
  const { amplitudeContrast: w } = optics;
  check(w >= 0 && w <= 1, "optics.amplitudeContrast", "a fraction in [0, 1]", w);
  const lambda = electronWavelength(optics.voltageKv);
  const mean = (Math.PI * lambda * (defocus.uAngstrom + defocus.vAngstrom)) / 2;
  const half = (Math.PI * lambda * (defocus.uAngstrom - defocus.vAngstrom)) / 2;
  const quartic = (Math.PI * optics.sphericalAberrationMm * 1e7 * lambda ** 3) / 2; // mm → Å
  const constant = defocus.phaseShiftRad + Math.asin(w);
  const c2 = Math.cos(2 * defocus.angleRad);
  const s2 = Math.sin(2 * defocus.angleRad);
  return (sx, sy) => {
    const r2 = sx * sx + sy * sy;
    // r² cos 2(θ − θU), without an atan2: r² cos 2θ = x² − y², r² sin 2θ = 2xy.
    const astigmatic = (sx * sx - sy * sy) * c2 + 2 * sx * sy * s2;
    return mean * r2 + half * astigmatic - quartic * r2 * r2 + constant;
  };
}

/** The CTF at (sx, sy) in 1/Å. */
export function ctf(optics: Optics, defocus: Defocus): (sx: number, sy: number) => number {
  const chi = ctfPhase(optics, defocus);
  return (sx, sy) => Math.sin(chi(sx, sy));
}

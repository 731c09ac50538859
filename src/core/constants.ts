/** @file Constants with one home and a source. */

/** Electron wavelength λ = A / √(V + B V²), λ in Å, V in volts; from h, m, e, c (CODATA), as RELION writes it. */
export const WAVELENGTH_NUMERATOR = 12.2643247;
export const WAVELENGTH_RELATIVISTIC = 0.978466e-6;

export const RADIANS_PER_DEGREE: number = Math.PI / 180;

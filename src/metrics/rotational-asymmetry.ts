/**
 * @file How far a map is from an n-fold axis, seen from its axial spectrum.
 *
 *     asymmetry(n) = Σ_k w_k (P(k, m ∤ n) − noise) / Σ_k w_k (P(k, m > 0) − noise)
 *
 * 0: all that changes about the axis repeats n times; near (n − 1)/n about a random axis. The power at m = 0, the same about
 * every turn, has no say, so a differing subunit is not drowned by what the subunits share. Noise is taken as isotropic: it
 * has the orders that the map has about all axes on average. Shells weigh k · share / mean power: none drowns the others.
 */
import { ORDERS } from "./axial-spectrum.js";

/** Shells by which a particle is judged. */
export interface AxialBackground {
  readonly shells: number;
  /** Float64[shells]: w_k. */
  readonly weights: Float64Array;
  /** Float64[shells]: noise power at m > 0. */
  readonly noise: Float64Array;
  /** Float64[shells (HIGHEST + 1)]: of it, the part at multiples of n, at [k, n]. */
  readonly multiples: Float64Array;
  /** Mean weighted signal power at m > 0. */
  readonly signal: number;
}

/** Orders n that are looked for. */
export const HIGHEST_ORDER = 8;

/** From the spectra about axes in all directions. `share`: of signal, of shells 0, 1 …. */
export function axialBackground(spectra: readonly Float64Array[], share: Float64Array): AxialBackground {
  const shells = spectra[0]!.length / ORDERS;
  const mean = new Float64Array(shells * ORDERS);
  for (const spectrum of spectra)
    spectrum.forEach((p, i) => {
      mean[i]! += p / spectra.length;
    });
  const power = Float64Array.from({ length: shells }, (_, k) => sumOver(mean, k, 1));
  const whole = power.map((p, k) => p + mean[k * ORDERS]!);
  const floor = LEAST_POWER * Math.max(...whole);
  const featured = power.map((p, k) => (p > LEAST_FEATURE * whole[k]! && whole[k]! > floor ? p : 0));
  const weights = featured.map((p, k) => (p > 0 ? ((k + 1) * share[k + 1]!) / p : 0));
  const multiples = new Float64Array(shells * (HIGHEST_ORDER + 1));
  for (let k = 0; k < shells; k++)
    for (let n = 1; n <= HIGHEST_ORDER; n++)
      multiples[k * (HIGHEST_ORDER + 1) + n] = power[k]! > 0 ? sumOver(mean, k, n) / power[k]! : 0;
  const noise = power.map((p, k) => (1 - share[k + 1]!) * p);
  const signal = power.reduce((sum, p, k) => sum + weights[k]! * (p - noise[k]!), 0);
  return { shells, weights, noise, multiples, signal };
}

/** asymmetry(n) about the axis of `spectrum`; 1 where hardly anything changes about it, which tells no n. */
export function rotationalAsymmetry(spectrum: Float64Array, order: number, background: AxialBackground): number {
  const { shells, weights, noise, multiples, signal } = background;
  let [odd, all] = [0, 0];
  for (let k = 0; k < shells; k++) {
    const total = sumOver(spectrum, k, 1);
    const repeated = sumOver(spectrum, k, order);
    const chance = 1 - multiples[k * (HIGHEST_ORDER + 1) + order]!;
    odd += weights[k]! * (total - repeated - noise[k]! * chance);
    all += weights[k]! * (total - noise[k]!);
  }
  return all > LEAST_CHANGE * signal ? Math.max(0, odd / all) : 1;
}

const LEAST_CHANGE = 0.1;
/** Of a shell's power; what is alike in all directions leaves less, by interpolation. */
const LEAST_FEATURE = 0.01;
/** Of the strongest shell's; less is what interpolation leaves of the others. */
const LEAST_POWER = 1e-6;

/** Σ of P(k, m) over m = n, 2n, 3n …. */
function sumOver(spectrum: Float64Array, k: number, n: number): number {
  let sum = 0;
  for (let m = n; m < ORDERS; m += n) sum += spectrum[k * ORDERS + m]!;
  return sum;
}

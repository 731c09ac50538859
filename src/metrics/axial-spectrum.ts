/**
 * @file How the power of a map's transform goes with the turn about an axis.
 *
 *     F(k, θ, φ) = Σ_m F_m(k, θ) e^(imφ),   P(k, m) = ∫ (|F_m|² + |F_−m|²) k² sin θ dθ
 *
 * φ turns about the axis. What has an n-fold axis there has power at m = 0, n, 2n … alone; m = 0 says nothing of n.
 */
import { lineTransform } from "../imaging/fourier.js";
import type { Triple } from "./volume-comparison.js";
import { sampleSpectrumInto, type VolumeSpectrum } from "./volume-spectrum.js";

/** Samples on a circle. */
const TURN = 64;
/** Orders m in a spectrum: 0 to 31. */
export const ORDERS: number = TURN / 2;

/**
 * Float64[shells ORDERS]: P(k, m) of k = 1 … `shells` Fourier pixels about `axis` (a unit vector) through `centre` (voxels from
 * the centre of the box).
 */
export function axialSpectrum(spectrum: VolumeSpectrum, axis: Triple, centre: Triple, shells: number): Float64Array {
  const [u, v] = perpendiculars(axis);
  const inverse = (2 * Math.PI) / spectrum.box;
  const [cu, cv, cn] = [u, v, axis].map((a) => inverse * dot(a, centre)) as [number, number, number];
  const centred = cu === 0 && cv === 0 && cn === 0;
  const transform = lineTransform(TURN);
  const ring = new Float64Array(2 * TURN);
  const out = new Float64Array(shells * ORDERS);
  for (let k = 1; k <= shells; k++) {
    const rings = Math.ceil((Math.PI / 2) * k);
    for (let j = 0; j < rings; j++) {
      const theta = ((j + 0.5) * Math.PI) / (2 * rings);
      const [up, across] = [k * Math.cos(theta), k * Math.sin(theta)];
      for (let i = 0; i < TURN; i++) {
        const [a, b] = [across * COS[i]!, across * SIN[i]!];
        const x = up * axis[0] + a * u[0] + b * v[0];
        const y = up * axis[1] + a * u[1] + b * v[1];
        const z = up * axis[2] + a * u[2] + b * v[2];
        sampleSpectrumInto(ring, 2 * i, spectrum, x, y, z);
        if (centred) continue;
        const angle = up * cn + a * cu + b * cv;
        const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
        const [re, im] = [ring[2 * i]!, ring[2 * i + 1]!];
        ring[2 * i] = re * cos - im * sin;
        ring[2 * i + 1] = re * sin + im * cos;
      }
      transform(ring);
      const weight = (k * across) / (rings * TURN * TURN);
      for (let m = 0; m < ORDERS; m++) {
        const n = (TURN - m) % TURN;
        const power = ring[2 * m]! ** 2 + ring[2 * m + 1]! ** 2;
        const other = m === 0 ? 0 : ring[2 * n]! ** 2 + ring[2 * n + 1]! ** 2;
        out[(k - 1) * ORDERS + m]! += weight * (power + other);
      }
    }
  }
  return out;
}

const COS = Float64Array.from({ length: TURN }, (_, i) => Math.cos((2 * Math.PI * i) / TURN));
const SIN = Float64Array.from({ length: TURN }, (_, i) => Math.sin((2 * Math.PI * i) / TURN));

export function dot(a: Triple, b: Triple): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** a + factor · b */
export function along(a: Triple, factor: number, b: Triple): Triple {
  return [a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2]];
}

/** Two unit vectors that make a right-handed frame with `axis`. */
export function perpendiculars([x, y, z]: Triple): readonly [u: Triple, v: Triple] {
  const least = Math.min(Math.abs(x), Math.abs(y), Math.abs(z));
  const other: Triple = Math.abs(x) === least ? [1, 0, 0] : Math.abs(y) === least ? [0, 1, 0] : [0, 0, 1];
  const u = unit(cross(other, [x, y, z]));
  return [u, cross([x, y, z], u)];
}

export function cross(a: Triple, b: Triple): Triple {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function unit(a: Triple): Triple {
  const length = Math.hypot(...a);
  return [a[0] / length, a[1] / length, a[2] / length];
}

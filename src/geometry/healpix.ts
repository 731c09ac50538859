/**
 * @file HEALPix pixel centres in the NESTED order, in which pixel p has the children 4p..4p+3.
 *
 * Source: Górski et al. 2005, ApJ 622, 759 (equations 2-9), with the base-pixel tables of its library.
 */
import { check } from "../core/errors.js";

const RING_OFFSET = [2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4];
const PHI_OFFSET = [1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7];

/** A direction: polar angle from +z and azimuth from +x, rad. */
export interface Direction {
  readonly thetaRad: number;
  readonly phiRad: number;
}

/** Number of pixels of order `order`: 12 · 4^order. */
export function healpixCount(order: number): number {
  return 12 * 4 ** order;
}

/** Centre of pixel `pixel` (NESTED) of order `order` (nside = 2^order). */
export function healpixCentre(order: number, pixel: number): Direction {
  check(Number.isInteger(order) && order >= 0 && order <= 12, "order", "an integer from 0 to 12", order);
  const inRange = Number.isInteger(pixel) && pixel >= 0 && pixel < healpixCount(order);
  check(inRange, "pixel", `an integer from 0 to ${healpixCount(order) - 1}`, pixel);
  const nside = 2 ** order;
  const facePixels = nside * nside;
  const face = Math.floor(pixel / facePixels);
  const [x, y] = evenAndOddBits(pixel % facePixels, order);
  const ring = RING_OFFSET[face]! * nside - x - y - 1;
  const polar = ring < nside ? ring : ring > 3 * nside ? 4 * nside - ring : 0;
  const inRing = polar === 0 ? nside : polar;
  const shift = polar === 0 ? (ring - nside) & 1 : 0;
  const cap = 1 - (polar * polar) / (3 * facePixels);
  const z = polar === 0 ? ((2 * nside - ring) * 2) / (3 * nside) : ring < nside ? cap : -cap;
  let j = (PHI_OFFSET[face]! * inRing + x - y + 1 + shift) / 2;
  if (j > 4 * nside) j -= 4 * nside;
  if (j < 1) j += 4 * nside;
  return { thetaRad: Math.acos(z), phiRad: ((j - (shift + 1) / 2) * Math.PI) / (2 * inRing) };
}

function evenAndOddBits(value: number, bits: number): [number, number] {
  let even = 0;
  let odd = 0;
  for (let b = 0; b < bits; b++) {
    even |= ((value >> (2 * b)) & 1) << b;
    odd |= ((value >> (2 * b + 1)) & 1) << b;
  }
  return [even, odd];
}

/** @file How far a working set has signal worth comparing. */
import type { PreparedParticles } from "./prepare.js";

/** The least radius that is always used. */
const LEAST_RADIUS = 6;

/**
 * Fourier pixels, from 6 to box/2 − 1: as far as the signal's r.m.s. coefficient is more than `leastSignal` of the
 * noise's, shell after shell.
 */
export function signalRadius({ box, signalEnvelope }: PreparedParticles, leastSignal: number): number {
  const nyquist = box / 2 - 1;
  let radius = Math.min(LEAST_RADIUS, nyquist);
  while (radius < nyquist && signalEnvelope[radius + 1]! > leastSignal) radius++;
  return radius;
}

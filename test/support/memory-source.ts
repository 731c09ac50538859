/** @file Particle images held in memory, without a CTF. */
import type { ParticleSource } from "../../src/core/types.js";

export function memorySource(images: readonly Float32Array[], pixelSizeAngstrom = 4): ParticleSource {
  const box = Math.sqrt(images[0]!.length);
  return {
    kind: "particle-source",
    path: "memory",
    count: images.length,
    box,
    pixelSizeAngstrom,
    keys: images.map((_, i) => `${i + 1}@memory`),
    hasCtf: false,
    optics: () => ({ voltageKv: 300, sphericalAberrationMm: 0, amplitudeContrast: 0 }),
    defocus: () => ({ uAngstrom: 0, vAngstrom: 0, angleRad: 0, phaseShiftRad: 0 }),
    readImage(i, out = new Float32Array(box * box)) {
      out.set(images[i]!);
      return out;
    },
    close: () => {},
  };
}

/** @file Noisy particle images of a bead model with known poses, as a source of pixels: exact projections, CTF, shifts. */
import { type Random, seededRandom } from "../../src/core/random.js";
import type { Defocus, Optics, ParticleSource } from "../../src/core/types.js";
import { type Matrix3, randomRotation } from "../../src/geometry/rotation.js";
import { type BeadModel, beadProjection } from "../../src/imaging/bead-model.js";
import { imageFromTransform } from "../../src/imaging/fourier.js";
import { ctf } from "../../src/optics/ctf.js";

export interface KnownParticle {
  readonly rotation: Matrix3;
  readonly shiftAngstrom: readonly [number, number];
  readonly defocus: Defocus;
  /** Float32[box box], without noise. */
  readonly clean: Float32Array;
}

const OPTICS: Optics = { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 };

/** Random poses, shifts uniform in ± `shiftPixels` on each axis, defocus 1 to 2 µm. */
export function knownParticles(
  model: BeadModel,
  grid: { readonly box: number; readonly pixelSizeAngstrom: number },
  options: { readonly count: number; readonly shiftPixels: number; readonly random: Random },
): readonly KnownParticle[] {
  const { count, shiftPixels, random } = options;
  const { box, pixelSizeAngstrom } = grid;
  const shift = (): number => shiftPixels * pixelSizeAngstrom * (2 * random.uniform() - 1);
  return Array.from({ length: count }, () => {
    const rotation = randomRotation(random);
    const shiftAngstrom = [shift(), shift()] as const;
    const mean = 10000 + 10000 * random.uniform();
    const defocus = {
      uAngstrom: mean + 150,
      vAngstrom: mean - 150,
      angleRad: Math.PI * random.uniform(),
      phaseShiftRad: 0,
    };
    const values = beadProjection(model, grid, { rotation, shiftAngstrom });
    const transfer = ctf(OPTICS, defocus);
    const step = 1 / (box * pixelSizeAngstrom);
    const wrapped = (k: number): number => (k < box / 2 ? k : k - box) * step;
    for (let i = 0; i < box * box; i++) {
      const c = transfer(wrapped(i % box), wrapped(Math.floor(i / box)));
      values[2 * i]! *= c;
      values[2 * i + 1]! *= c;
    }
    const clean = imageFromTransform({ kind: "fourier-array", side: box, rank: 2, values });
    return { rotation, shiftAngstrom, defocus, clean };
  });
}

/** The particles with white noise: variance of the clean images over the whole box / SNR. */
export function noisySource(
  particles: readonly KnownParticle[],
  grid: { readonly box: number; readonly pixelSizeAngstrom: number },
  snr: number,
  seed: number,
): ParticleSource {
  const pixels = particles.flatMap(({ clean }) => [...clean]);
  const mean = pixels.reduce((a, b) => a + b, 0) / pixels.length;
  const sigma = Math.sqrt(pixels.reduce((sum, v) => sum + (v - mean) ** 2, 0) / pixels.length / snr);
  const random = seededRandom(seed);
  const images = particles.map(({ clean }) => clean.map((v) => v + sigma * random.normal()));
  return {
    kind: "particle-source",
    path: "known particles",
    count: images.length,
    ...grid,
    keys: images.map((_, i) => `${i + 1}@known`),
    hasCtf: true,
    optics: () => OPTICS,
    defocus: (i) => particles[i]!.defocus,
    readImage(i, out = new Float32Array(grid.box ** 2)) {
      out.set(images[i]!);
      return out;
    },
    close: () => {},
  };
}

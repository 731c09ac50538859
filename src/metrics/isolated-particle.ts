/**
 * @file A map cut to what a self-comparison needs: few voxels, the particle alone, and how much of each shell is signal.
 *
 *     share(k) = 1 − N(k) / P(k)
 *
 * P is the power of shell k within the particle's sphere; N the same volume's worth of what lies outside it, or, where a
 * half-map FSC is given, share = 2 FSC / (1 + FSC) (Rosenthal & Henderson 2003).
 */
import type { Volume } from "../core/types.js";
import { transformVolume } from "../imaging/fourier.js";
import type { FourierShellCorrelation } from "./fourier-shell-correlation.js";
import { filteredMap } from "./map-filter.js";
import { type ParticleExtent, particleExtent } from "./particle-extent.js";
import { sphericalMask } from "./soft-mask.js";
import { cropToBox } from "./volume-spectrum.js";

export interface IsolatedParticle {
  /** At most 32 voxels a side, 0 outside the particle's sphere. */
  readonly map: Volume;
  /** In voxels of `map`. */
  readonly extent: ParticleExtent;
  /** Float64[box/2], 0..1: signal per shell of |k| rounded, Fourier pixels. */
  readonly signalShare: Float64Array;
}

const BOX = 32;
const EDGE = 0.1;
/** Fourier pixels: detail enough to find the particle, and little noise. */
const OUTLINE = 10;
/** Less solvent than this share of the box says nothing of the noise. */
const LEAST_SOLVENT = 0.05;
/** Of the peak: less is no density. */
const BLANK = 1e-3;

export function isolatedParticle(volume: Volume, fsc?: FourierShellCorrelation): IsolatedParticle {
  const small = cropToBox(volume, BOX);
  const { box, pixelSizeAngstrom } = small;
  const extent = particleExtent(filteredMap(small, (r) => (r > OUTLINE ? 0 : Math.cos((Math.PI * r) / (2 * OUTLINE)))));
  const edge = Math.max(2, EDGE * box);
  const radius = Math.min(box / 2 - edge / 2, 1.15 * extent.radius + 1);
  const ball = (voxels: number): Float32Array =>
    sphericalMask(small, {
      radiusAngstrom: voxels * pixelSizeAngstrom,
      edgeAngstrom: edge * pixelSizeAngstrom,
      centreAngstrom: extent.centre.map((c) => c * pixelSizeAngstrom) as [number, number, number],
    });
  const inside = ball(Math.max(1, radius));
  const peak = small.values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  // What another program set to one value holds no noise to measure.
  const outside = inside.map((m, i) => (Math.abs(small.values[i]!) > BLANK * peak ? 1 - m : 0));
  const cover = outside.reduce((a, b) => a + b, 0);
  const level = cover === 0 ? 0 : small.values.reduce((sum, v, i) => sum + v * outside[i]!, 0) / cover;
  const within = (mask: Float32Array): Volume => ({
    ...small,
    values: small.values.map((v, i) => (v - level) * mask[i]!),
  });
  const map = within(inside);
  return { map, extent, signalShare: fsc === undefined ? measured() : told(fsc) };

  function told({ correlation }: FourierShellCorrelation): Float64Array {
    return Float64Array.from({ length: box / 2 }, (_, k) => {
      const c = Math.max(0, correlation[k] ?? 0);
      return (2 * c) / (1 + c);
    });
  }

  function measured(): Float64Array {
    const all = new Float64Array(box / 2).fill(1);
    if (cover < LEAST_SOLVENT * box ** 3) return all;
    const squares = (mask: Float32Array): number => mask.reduce((sum, m) => sum + m * m, 0);
    const scale = squares(inside) / squares(outside);
    const [signal, noise] = [shellPower(map), shellPower(within(outside))];
    return all.map((_, k) => (signal[k] === 0 ? 0 : Math.max(0, 1 - (scale * noise[k]!) / signal[k]!)));
  }
}

/** Float64[box/2]: Σ|F|² over the shells of |k| rounded. */
function shellPower(volume: Volume): Float64Array {
  const { box } = volume;
  const { values } = transformVolume(volume);
  const out = new Float64Array(box / 2);
  const wrapped = (i: number): number => (i < box / 2 ? i : i - box);
  for (let z = 0, at = 0; z < box; z++)
    for (let y = 0; y < box; y++)
      for (let x = 0; x < box; x++, at += 2) {
        const k = Math.round(Math.hypot(wrapped(x), wrapped(y), wrapped(z)));
        if (k < out.length) out[k]! += values[at]! ** 2 + values[at + 1]! ** 2;
      }
  return out;
}

/**
 * @file What tells a map of a particle from other maps, in four numbers.
 *
 *     skewness = ⟨(v − ⟨v⟩)³⟩ / ⟨(v − ⟨v⟩)²⟩^(3/2)   of the voxels in the inscribed ball: protein is few and dense, so positive
 *     offCentre = |centre of mass| / radius           of the dense part (particle-extent.ts)
 *     emptyCentre = 1 − mean density within a third of the radius / largest mean of a shell beyond half of it
 *     sphericalShare(k) = |⟨F⟩_k|² / ⟨|F|²⟩_k         over the shell k: 1 for a map that is the same in all directions
 */
import type { Volume } from "../core/types.js";
import { transformVolume } from "../imaging/fourier.js";
import { filteredMap } from "./map-filter.js";
import { type ParticleExtent, particleExtent } from "./particle-extent.js";
import { cropToBox } from "./volume-spectrum.js";

export interface MapCharacter {
  readonly kind: "map-character";
  readonly skewness: number;
  readonly offCentre: number;
  readonly emptyCentre: number;
  /** Float64[box/2] of the map at 32 voxels a side or less: per shell of |k| rounded, Fourier pixels. */
  readonly sphericalShare: Float64Array;
  /** The same shells: mean |F|². */
  readonly power: Float64Array;
}

const BOX = 32;
/** Fourier pixels. */
const OUTLINE = 10;

export function mapCharacter(volume: Volume): MapCharacter {
  const small = cropToBox(volume, BOX);
  const smooth = filteredMap(small, (r) => (r > OUTLINE ? 0 : Math.cos((Math.PI * r) / (2 * OUTLINE))));
  const extent = particleExtent(smooth);
  const offCentre = extent.radius === 0 ? 0 : Math.hypot(...extent.centre) / extent.radius;
  return {
    ...{ kind: "map-character", skewness: skewness(smooth), offCentre, emptyCentre: emptyCentre(smooth, extent) },
    ...sphericalPart(small),
  };
}

function skewness(volume: Volume): number {
  const inside = Array.from(volume.values).filter((_, i) => distance(i, volume.box) < volume.box / 2);
  const mean = inside.reduce((sum, v) => sum + v / inside.length, 0);
  const moment = (power: number): number => inside.reduce((sum, v) => sum + (v - mean) ** power / inside.length, 0);
  const variance = moment(2);
  return variance > 0 ? moment(3) / variance ** 1.5 : 0;
}

function emptyCentre({ values, box }: Volume, { radius }: ParticleExtent): number {
  const shells = Math.floor(box / 2);
  const [sum, count] = [new Float64Array(shells), new Float64Array(shells)];
  values.forEach((v, i) => {
    const shell = Math.round(distance(i, box));
    if (shell >= shells) return;
    sum[shell]! += v;
    count[shell]! += 1;
  });
  const within = sum.findIndex((_, r) => r > radius / 3);
  if (radius === 0 || within < 1) return 0;
  const total = (of: Float64Array): number => of.subarray(0, within).reduce((a, b) => a + b, 0);
  const densest = sum.reduce((most, s, r) => (r > radius / 2 ? Math.max(most, s / count[r]!) : most), 0);
  return densest > 0 ? 1 - total(sum) / total(count) / densest : 0;
}

function sphericalPart(volume: Volume): Pick<MapCharacter, "sphericalShare" | "power"> {
  const { box } = volume;
  const { values } = transformVolume(volume);
  const [re, square, count] = [0, 1, 2].map(() => new Float64Array(box / 2)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let i = 0; i < box ** 3; i++) {
    const shell = Math.round(waveNumber(i, box));
    if (shell >= re.length) continue;
    re[shell]! += values[2 * i]!;
    square[shell]! += values[2 * i]! ** 2 + values[2 * i + 1]! ** 2;
    count[shell]! += 1;
  }
  // Friedel: the imaginary parts of a shell add up to nothing.
  const sphericalShare = re.map((sum, k) => (square[k]! > 0 ? sum ** 2 / count[k]! / square[k]! : 0));
  return { sphericalShare, power: square.map((s, k) => (count[k]! > 0 ? s / count[k]! : 0)) };
}

/** Voxels from the centre of the box. */
function distance(index: number, box: number): number {
  return Math.hypot(
    (index % box) - box / 2,
    (Math.floor(index / box) % box) - box / 2,
    Math.floor(index / box ** 2) - box / 2,
  );
}

function waveNumber(index: number, box: number): number {
  const wrapped = (i: number): number => (i < box / 2 ? i : i - box);
  return Math.hypot(
    wrapped(index % box),
    wrapped(Math.floor(index / box) % box),
    wrapped(Math.floor(index / box ** 2)),
  );
}

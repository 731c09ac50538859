/**
 * @file The correlation of two maps as a function of the pose of one of them, computed on their transforms.
 *
 *     C(Q, s) = Re Σ A*(k) B(Q k) e^(−2πi k·s) / √(Σ|A|² Σ|B|²),   0 < |k| ≤ radius, half of the sphere
 *
 * A reference, B moving map; k in Fourier pixels, s in voxels. DC is left out: an offset of the density says nothing.
 */
import type { Volume } from "../core/types.js";
import { transformVolume } from "../imaging/fourier.js";
import { particleExtent } from "./particle-extent.js";
import { sampleSpectrumInto, type VolumeSpectrum, volumeSpectrum } from "./volume-spectrum.js";

export type Triple = readonly [x: number, y: number, z: number];

export interface VolumeComparison {
  readonly box: number;
  readonly moving: VolumeSpectrum;
  /** Frequencies by rising radius. */
  readonly lattice: readonly Triple[];
  /** Float64[lattice 2]: the reference there. */
  readonly reference: Float64Array;
  /** Centres of mass of the two, voxels from the centre of the box. */
  readonly movingCentre: Triple;
  readonly referenceCentre: Triple;
}

export interface VolumePose {
  /** Q: nine numbers, row-major. */
  readonly frame: readonly number[];
  /** Voxels of the comparison's box. */
  readonly shift: Triple;
  readonly score: number;
}

export function compareVolumes(moving: Volume, reference: Volume): VolumeComparison {
  const { box } = moving;
  const lattice = halfBall(box / 2 - 2);
  const values = transformVolume(reference).values;
  const index = (k: number): number => (k + box) % box;
  const sampled = new Float64Array(2 * lattice.length);
  lattice.forEach(([x, y, z], i) => {
    const at = 2 * ((index(z) * box + index(y)) * box + index(x));
    sampled[2 * i] = values[at]!;
    sampled[2 * i + 1] = values[at + 1]!;
  });
  return {
    box,
    moving: volumeSpectrum(moving),
    lattice,
    reference: sampled,
    movingCentre: particleExtent(moving).centre,
    referenceCentre: particleExtent(reference).centre,
  };
}

/** How many lattice points lie within `radius`: a prefix. */
export function latticeWithin(comparison: VolumeComparison, radius: number): number {
  const { lattice } = comparison;
  let count = lattice.length;
  while (count > 0 && Math.hypot(...lattice[count - 1]!) > radius) count--;
  return count;
}

/** The shift that puts the moving map's centre of mass on the reference's. */
export function centringShift(comparison: VolumeComparison, frame: readonly number[]): Triple {
  const m = comparison.movingCentre;
  const moved = [0, 1, 2].map((c) => frame[c]! * m[0] + frame[3 + c]! * m[1] + frame[6 + c]! * m[2]);
  return [0, 1, 2].map((c) => comparison.referenceCentre[c]! - moved[c]!) as unknown as Triple;
}

/** A* B e^(−2πi k·s) / √(Σ|A|² Σ|B|²) for the first `count` lattice points: Float64[count 2]. */
export function crossSpectrumInto(
  out: Float64Array,
  comparison: VolumeComparison,
  count: number,
  frame: readonly number[],
  shift: Triple,
): void {
  const { lattice, reference, box, moving } = comparison;
  const [q0, q1, q2, q3, q4, q5, q6, q7, q8] = frame as readonly [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  let [aa, bb] = [0, 0];
  for (let i = 0; i < count; i++) {
    const [x, y, z] = lattice[i]!;
    const qx = q0 * x + q1 * y + q2 * z;
    const qy = q3 * x + q4 * y + q5 * z;
    const qz = q6 * x + q7 * y + q8 * z;
    sampleSpectrumInto(out, 2 * i, moving, qx, qy, qz);
    const [br, bi, ar, ai] = [out[2 * i]!, out[2 * i + 1]!, reference[2 * i]!, reference[2 * i + 1]!];
    aa += ar * ar + ai * ai;
    bb += br * br + bi * bi;
    const angle = (-2 * Math.PI * (x * shift[0] + y * shift[1] + z * shift[2])) / box;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const [re, im] = [ar * br + ai * bi, ar * bi - ai * br];
    out[2 * i] = re * cos - im * sin;
    out[2 * i + 1] = re * sin + im * cos;
  }
  const scale = aa * bb > 0 ? 1 / Math.sqrt(aa * bb) : 0;
  for (let i = 0; i < 2 * count; i++) out[i]! *= scale;
}

/** C(Q, s) over the first `count` lattice points. `work` holds at least 2 count numbers. */
export function poseScore(
  comparison: VolumeComparison,
  count: number,
  frame: readonly number[],
  shift: Triple,
  work: Float64Array,
): number {
  crossSpectrumInto(work, comparison, count, frame, shift);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += work[2 * i]!;
  return sum;
}

/** Half of the integer points with 0 < |k| ≤ radius, by rising radius. */
function halfBall(radius: number): Triple[] {
  const reach = Math.floor(radius);
  const points: Triple[] = [];
  for (let z = 0; z <= reach; z++)
    for (let y = z === 0 ? 0 : -reach; y <= reach; y++)
      for (let x = z === 0 && y === 0 ? 1 : -reach; x <= reach; x++)
        if (Math.hypot(x, y, z) <= radius) points.push([x, y, z]);
  return points.sort((a, b) => Math.hypot(...a) - Math.hypot(...b));
}

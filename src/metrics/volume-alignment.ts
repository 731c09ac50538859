/**
 * @file Rigid alignment of one map to another: rotation, shift and hand that make their correlation largest.
 *
 *     V_aligned(p) = V_moving(Q (p − s)),   transform:  F_aligned(k) = F_moving(Q k) exp(−2πi k·s)
 *
 * Every rotation of the Hopf grid of order 2 (15° apart) and both hands are scored at low resolution, with shifts
 * around the difference of the centres of mass; the best are refined by compass search (Hooke & Jeeves 1961) while
 * the resolution rises. An ab initio map has no frame of its own, so this comes before any comparison with another.
 */
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { hopfGrid } from "../geometry/hopf-grid.js";
import { multiply, rotationAt, rotationFromVector } from "../geometry/rotation.js";
import { resampleVolume } from "./resample-volume.js";
import { pearson } from "./spearman.js";
import {
  centringShift,
  compareVolumes,
  crossSpectrumInto,
  latticeWithin,
  poseScore,
  type Triple,
  type VolumeComparison,
  type VolumePose,
} from "./volume-comparison.js";
import { cropToBox } from "./volume-spectrum.js";

type Hand = "same" | "mirrored";

export interface VolumeAlignmentOptions {
  /** Hands to try. @default both */
  readonly hands?: readonly Hand[];
  /** Frames to start from instead of the grid, nine numbers each, for instance that of `rotationError`. @default none */
  readonly frames?: readonly (readonly number[])[];
}

export interface VolumeAlignment {
  /** The moving map in the frame of the reference. */
  readonly aligned: Volume;
  /** Whether the moving map had to be mirrored. */
  readonly hand: Hand;
  /** Q: nine numbers, row-major. */
  readonly frame: readonly number[];
  readonly shiftAngstrom: Triple;
  /** Correlation of the aligned map with the reference over all voxels, −1..1. */
  readonly correlation: number;
}

/** The search runs at a box of 32, the last refinement at 64 at most. */
const SEARCH_BOX = 32;
const FINE_BOX = 64;
const FINE_RADIUS = 22;
const GRID_ORDER = 2;
const GRID_RADIUS = 5;
/** Resolution (Fourier pixels), first step and candidates kept of each hand, stage by stage. */
const STAGES = [
  { radius: GRID_RADIUS, stepDeg: 6, keep: 6 },
  { radius: 8, stepDeg: 3, keep: 2 },
  { radius: SEARCH_BOX / 2 - 2, stepDeg: 1.5, keep: 1 },
];
const KEPT_FROM_GRID = 24;
const SMALLEST_STEP = 1 / 16;

/** Align `moving` to `reference` over rotations, shifts and hands. Same box and pixel size. */
export function alignVolume(moving: Volume, reference: Volume, options: VolumeAlignmentOptions = {}): VolumeAlignment {
  const { hands = ["same", "mirrored"], frames } = options;
  const { box, pixelSizeAngstrom } = reference;
  check(moving.box === box, "moving.box", `the reference's box (${box})`, moving.box);
  check(moving.values.every(Number.isFinite), "moving", "finite densities", "NaN");
  check(reference.values.every(Number.isFinite), "reference", "finite densities", "NaN");
  const coarse = compareVolumes(cropToBox(moving, SEARCH_BOX), cropToBox(reference, SEARCH_BOX));
  let poses =
    frames?.map((frame): VolumePose => ({ frame, shift: centringShift(coarse, frame), score: 0 })) ??
    hands.flatMap((hand) => searchGrid(coarse, hand));
  for (const { radius, stepDeg, keep } of STAGES) poses = refineAll(poses, coarse, radius, stepDeg, keep);
  let best = poses.reduce((a, b) => (b.score > a.score ? b : a));
  let scale = box / coarse.box;
  if (box > SEARCH_BOX) {
    const fine = compareVolumes(cropToBox(moving, FINE_BOX), cropToBox(reference, FINE_BOX));
    best = refine({ ...best, shift: times(best.shift, fine.box / coarse.box) }, fine, FINE_RADIUS, 0.4);
    scale = box / fine.box;
  }
  const shiftAngstrom = times(best.shift, scale * pixelSizeAngstrom);
  const aligned = resampleVolume(moving, best.frame, shiftAngstrom);
  const correlation = pearson(aligned.values, reference.values);
  return { aligned, hand: handOf(best.frame), frame: best.frame, shiftAngstrom, correlation };
}

/** The best rotations of the grid, each with the best of a few shifts around the centring one. */
function searchGrid(comparison: VolumeComparison, hand: Hand): VolumePose[] {
  const grid = hopfGrid(GRID_ORDER);
  const count = latticeWithin(comparison, GRID_RADIUS);
  const step = (0.2 * comparison.box) / GRID_RADIUS;
  const shifts = neighbours(2).map((s) => times(s, step));
  const tables = shifts.map((shift) => phaseTable(comparison, count, shift));
  const cross = new Float64Array(2 * count);
  const poses: VolumePose[] = [];
  for (let r = 0; r < grid.count; r++) {
    const rotation = rotationAt(grid, r);
    const frame = hand === "same" ? rotation : rotation.map((value, i) => (i < 6 ? value : -value));
    const centring = centringShift(comparison, frame);
    crossSpectrumInto(cross, comparison, count, frame, centring);
    let pose: VolumePose = { frame, shift: centring, score: Number.NEGATIVE_INFINITY };
    tables.forEach((table, s) => {
      let score = 0;
      for (let i = 0; i < 2 * count; i++) score += cross[i]! * table[i]!;
      if (score > pose.score) pose = { frame, shift: plus(centring, shifts[s]!), score };
    });
    poses.push(pose);
  }
  return poses.sort((a, b) => b.score - a.score).slice(0, KEPT_FROM_GRID);
}

/** Refine every pose and keep the best few of each hand that differ by more than the step. */
function refineAll(
  poses: readonly VolumePose[],
  comparison: VolumeComparison,
  radius: number,
  stepDeg: number,
  keep: number,
): VolumePose[] {
  const refined = poses.map((pose) => refine(pose, comparison, radius, stepDeg)).sort((a, b) => b.score - a.score);
  const kept: VolumePose[] = [];
  for (const pose of refined) {
    const rivals = kept.filter((other) => handOf(other.frame) === handOf(pose.frame));
    if (rivals.length < keep && rivals.every((other) => angleDeg(other.frame, pose.frame) > stepDeg)) kept.push(pose);
  }
  return kept;
}

/** Compass search over three angles and three shifts: take any step that helps, halve the steps when none does. */
function refine(start: VolumePose, comparison: VolumeComparison, radius: number, stepDeg: number): VolumePose {
  const count = latticeWithin(comparison, radius);
  const work = new Float64Array(2 * count);
  const scored = (frame: readonly number[], shift: Triple): VolumePose => ({
    frame,
    shift,
    score: poseScore(comparison, count, frame, shift, work),
  });
  let best = scored(start.frame, start.shift);
  for (let scale = 1; scale >= SMALLEST_STEP; scale /= 2) {
    const angle = (scale * stepDeg * Math.PI) / 180;
    const moves = AXES.flatMap((axis) => [axis, times(axis, -1)]);
    for (let sweep = 0, moved = true; moved && sweep < 8; sweep++) {
      const before = best.score;
      for (const move of moves) {
        const turned = scored(multiply(best.frame, rotationFromVector(mutable(times(move, angle)))), best.shift);
        if (turned.score > best.score) best = turned;
        const shifted = scored(best.frame, plus(best.shift, times(move, (angle * comparison.box) / 4)));
        if (shifted.score > best.score) best = shifted;
      }
      moved = best.score > before;
    }
  }
  return best;
}

const AXES: readonly Triple[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

/** cos and sin such that Σ cross · table is the score after a further shift. */
function phaseTable(comparison: VolumeComparison, count: number, shift: Triple): Float64Array {
  const table = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    const [x, y, z] = comparison.lattice[i]!;
    const angle = (-2 * Math.PI * (x * shift[0] + y * shift[1] + z * shift[2])) / comparison.box;
    table[2 * i] = Math.cos(angle);
    table[2 * i + 1] = -Math.sin(angle);
  }
  return table;
}

/** Integer points of a ball. */
function neighbours(radius: number): Triple[] {
  const points: Triple[] = [];
  for (let z = -radius; z <= radius; z++)
    for (let y = -radius; y <= radius; y++)
      for (let x = -radius; x <= radius; x++) if (Math.hypot(x, y, z) <= radius) points.push([x, y, z]);
  return points;
}

function handOf(q: readonly number[]): Hand {
  const [a, b, c, d, e, f, g, h, i] = q as readonly [
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
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) > 0 ? "same" : "mirrored";
}

/** Angle between two frames of the same hand. */
function angleDeg(a: readonly number[], b: readonly number[]): number {
  const trace = a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  return (Math.acos(Math.max(-1, Math.min(1, (trace - 1) / 2))) * 180) / Math.PI;
}

function times(a: Triple, factor: number): Triple {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

function plus(a: Triple, b: Triple): Triple {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

function mutable(a: Triple): [number, number, number] {
  return [a[0], a[1], a[2]];
}

/**
 * @file From a few poses to better ones: turns by half the spacing, shifts by half the step, level after level.
 *
 * A level tries every turn of a pattern on every pose at that pose's shift, keeps the best few, and moves each on a
 * 3×3 grid of shifts. With a temperature T > 0 the choice among turns is random, exp(score/T) (Gumbel), so poses are
 * sampled from the posterior rather than picked (stochastic EM; design 6.4, 6.8).
 */
import type { Random } from "../core/random.js";
import { rotationFromVector } from "../geometry/rotation.js";
import { type Beam, beamInsert, createBeam, gumbel } from "./beam.js";
import { countPoses, POSE_STRIDE, turnedRowsInto } from "./pose-row.js";
import type { Slicer } from "./slicer.js";

/** Turn vectors of a pattern of half-width 1: Float64[count 3]. */
export type TurnPattern = Float64Array;
/** The corners of a cube, and of a cube with its edge and face centres and middle. */
export const CORNERS: TurnPattern = cube([-1, 1]);
export const LATTICE: TurnPattern = cube([-1, 0, 1]);

/** One level; radii as numbers of points. */
export interface Level {
  readonly points: number;
  readonly pattern: TurnPattern;
  readonly halfWidthRad: number;
  readonly shiftStepPixels: number;
}

export interface Descent {
  /** Replace the poses of `poses` (filled slots first) by the best of `keep` after one level. */
  level(slicer: Slicer, poses: Float64Array, keep: number, level: Level, temperature: number, random: Random): void;
}

/** For up to `parents` poses at a time. */
export function createDescent(parents: number): Descent {
  const candidates = new Float64Array((parents * LATTICE.length * POSE_STRIDE) / 3);
  const beams = new Map<number, Beam>();

  function beamOf(keep: number): Beam {
    const beam = beams.get(keep) ?? createBeam(keep);
    beams.set(keep, beam);
    beam.size = 0;
    return beam;
  }

  const level: Descent["level"] = (slicer, poses, keep, step, temperature, random) => {
    const { points, pattern, halfWidthRad } = step;
    const beam = beamOf(keep);
    const count = countPoses(poses);
    const turns = turnsOf(pattern, halfWidthRad);
    let threshold = -Infinity;
    for (let parent = 0, at = 0; parent < count; parent++) {
      const from = parent * POSE_STRIDE;
      slicer.centre(points, poses[from + 6]!, poses[from + 7]!);
      for (let j = 0; j < turns.length; j += 9, at += POSE_STRIDE) {
        turnedRowsInto(candidates, at, turns, j, poses, from);
        candidates[at + 6] = poses[from + 6]!;
        candidates[at + 7] = poses[from + 7]!;
        const score = slicer.score(points, candidates, at);
        candidates[at + 8] = score;
        const rank = temperature > 0 ? score + temperature * gumbel(random) : score;
        if (rank > threshold) threshold = beamInsert(beam, at, rank);
      }
    }
    poses.fill(-Infinity);
    for (let i = 0; i < beam.size; i++) {
      poses.set(candidates.subarray(beam.items[i]!, beam.items[i]! + POSE_STRIDE), i * POSE_STRIDE);
      move(slicer, points, poses, i * POSE_STRIDE, step.shiftStepPixels);
    }
  };

  return { level };
}

/** Best of a 3×3 grid of shifts around the pose at `at`, in place. */
function move(slicer: Slicer, points: number, poses: Float64Array, at: number, stepPixels: number): void {
  slicer.centre(points, poses[at + 6]!, poses[at + 7]!);
  const scores = slicer.scoresOfMoves(points, poses, at, stepPixels);
  let best = 4; // the middle of the 3×3 grid: no move
  for (let t = 0; t < 9; t++) if (scores[t]! > scores[best]! + 1e-9) best = t;
  poses[at + 6] = poses[at + 6]! + ((best % 3) - 1) * stepPixels;
  poses[at + 7] = poses[at + 7]! + (Math.floor(best / 3) - 1) * stepPixels;
  poses[at + 8] = scores[best]!;
}

/** Matrices of a pattern's turns: Float64[count 9]. */
function turnsOf(pattern: TurnPattern, halfWidthRad: number): Float64Array {
  const out = new Float64Array(3 * pattern.length);
  for (let j = 0; j < pattern.length; j += 3) {
    const [x, y, z] = [pattern[j]! * halfWidthRad, pattern[j + 1]! * halfWidthRad, pattern[j + 2]! * halfWidthRad];
    out.set(rotationFromVector([x, y, z]), 3 * j);
  }
  return out;
}

function cube(ticks: readonly number[]): Float64Array {
  return Float64Array.from(ticks.flatMap((x) => ticks.flatMap((y) => ticks.flatMap((z) => [x, y, z]))));
}

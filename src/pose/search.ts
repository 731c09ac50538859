/**
 * @file Pose search of one image against several references: matrix products, then descent.
 *
 * Global: every rotation of a grid × every shift at a low radius, as a matrix product (template-bank.ts).
 * The best few rotations descend: each level turns them by the eight corners of a cube of half the spacing,
 * then moves their shift on a 3×3 grid of half the step, at the full radius. Local: the descent alone, from
 * given poses. With a temperature T > 0 the choice is random, exp(score/T) (Gumbel), so poses are sampled
 * from the posterior rather than picked (stochastic EM; design 6.4, 6.8).
 *
 * Score = log-likelihood up to ½‖x‖², of whitened coefficients: ⟨x, C·S⟩ − ½‖C·S‖².
 */
import { check } from "../core/errors.js";
import type { Random } from "../core/random.js";
import { type Compiled, compile } from "../engine/compile.js";
import { hopfGrid, hopfSpacingRad } from "../geometry/hopf-grid.js";
import { rotationFromVector } from "../geometry/rotation.js";
import { type FourierRaster, sliceInto } from "../imaging/fourier-raster.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { type Beam, beamInsert, createBeam } from "./beam.js";
import { POSE_STRIDE, turnedRowsInto } from "./pose-row.js";
import { shiftGrid, shiftPhases } from "./shift-grid.js";
import { emptyTemplateBank, fillTemplateBank, type TemplateBank } from "./template-bank.js";

/** How to search; radii in Fourier pixels, lengths in pixels of the working box. */
export interface SearchPlan {
  /** HEALPix order of the global grid: 1 (30°), 2 (15°), 3 (7.5°). */
  readonly order: number;
  readonly coarseRadius: number;
  /** Radius of the descent and of the final scores. */
  readonly radius: number;
  readonly shiftRangePixels: number;
  readonly shiftStepPixels: number;
  /** Halvings of the global grid. 0: the grid alone, scored at `coarseRadius`. */
  readonly levels: number;
  /** Halvings of a local search, whose first spacing is `localSpacingRad`. */
  readonly localLevels: number;
  readonly localSpacingRad: number;
  /** Poses kept per image and reference. */
  readonly keep: number;
  /** 0: the best. Larger: sampled. */
  readonly temperature: number;
}

/** Results for a batch, per image and reference, in the order given. */
export interface SearchResult {
  /** Float64[images references keep 9], pose rows (pose-row.ts). */
  readonly poses: Float64Array;
  /** Float64[images references]: T·log Σ exp(score/T) over kept poses; −Infinity where skipped. */
  readonly evidence: Float64Array;
}

export interface PoseSearch {
  /** Take the references of the coming batches. */
  setReferences(rasters: readonly FourierRaster[], plan: SearchPlan): Promise<void>;
  /**
   * Search `images` (indices). `previous`, like `SearchResult.poses`, starts a local search where its first
   * slot is filled; an image and reference whose first score is NaN is skipped.
   */
  search(images: Int32Array, random: Random, previous?: Float64Array): Promise<SearchResult>;
  dispose(): Promise<void>;
}

/** Images per matrix product. */
const BLOCK = 4;
/** The corners of a cube, and of a cube with its edge and face centres and middle. */
const CORNERS = cube([-1, 1]);
const LATTICE = cube([-1, 0, 1]);

/** A search over the working set of `reader`, in this thread. */
export function createPoseSearch(reader: PreparedReader): PoseSearch {
  const { plane } = reader;
  let plan: SearchPlan | undefined;
  let rasters: readonly FourierRaster[] = [];
  let product: Compiled | undefined;
  let productKey = "";
  let banks: TemplateBank[] = [];
  const filled = new Set<number>();
  let grid = hopfGrid(0);
  let shifts = shiftGrid(0, 1);
  let phases: Float32Array[] = [];
  let scratch = createScratch(0, 0, 0, 1);

  async function setReferences(next: readonly FourierRaster[], nextPlan: SearchPlan): Promise<void> {
    check(next.length > 0, "references", "at least one", next.length);
    const coarse = reader.points(nextPlan.coarseRadius);
    const fine = reader.points(Math.max(nextPlan.radius, nextPlan.coarseRadius));
    for (const raster of next)
      check(raster.radius >= nextPlan.radius, "raster.radius", `at least ${nextPlan.radius}`, raster.radius);
    plan = nextPlan;
    rasters = next;
    shifts = shiftGrid(plan.shiftRangePixels, plan.shiftStepPixels);
    const key = `${plan.order} ${coarse} ${shifts.length}`;
    if (key !== productKey) {
      await product?.dispose();
      grid = hopfGrid(plan.order);
      phases = Array.from({ length: shifts.length / 2 }, (_, t) =>
        shiftPhases(plane, coarse, shifts[2 * t]!, shifts[2 * t + 1]!),
      );
      product = await scoreProgram(BLOCK, phases.length, coarse, grid.count);
      productKey = key;
      banks = [];
    }
    scratch = createScratch(coarse, fine, grid.count, phases.length, plan.keep);
    filled.clear();
  }

  /** The templates of reference k, made when a global search first asks for them. */
  function bankOf(k: number): TemplateBank {
    const bank = banks[k] ?? emptyTemplateBank(scratch.coarse, grid.count);
    banks[k] = bank;
    if (!filled.has(k)) fillTemplateBank(bank, rasters[k]!, grid, plane);
    filled.add(k);
    return bank;
  }

  async function search(images: Int32Array, random: Random, previous?: Float64Array): Promise<SearchResult> {
    check(plan !== undefined && product !== undefined, "search", "references set before", "none");
    const { keep } = plan;
    const references = rasters.length;
    const stride = keep * POSE_STRIDE;
    const poses = new Float64Array(images.length * references * stride).fill(-Infinity);
    const evidence = new Float64Array(images.length * references).fill(-Infinity);
    const start = (i: number, k: number): number => (i * references + k) * stride;
    const first = (i: number, k: number): number => previous?.[start(i, k) + 8] ?? -Infinity;
    const outputs = { scores: scratch.scores };

    for (let block = 0; block < images.length; block += BLOCK) {
      const inBlock = Math.min(BLOCK, images.length - block);
      let anyGlobal = false;
      for (let b = 0; b < inBlock; b++) {
        loadImage(images[block + b]!, b);
        for (let k = 0; k < references; k++) anyGlobal ||= first(block + b, k) === -Infinity;
      }
      if (anyGlobal) fillShifted(inBlock);
      for (let k = 0; k < references; k++) {
        const wanted = Array.from({ length: inBlock }, (_, b) => first(block + b, k) === -Infinity);
        if (wanted.some(Boolean)) {
          const { slices, power } = bankOf(k);
          await product.run({ shifted: scratch.shifted, squares: scratch.squares, slices, power }, outputs);
        }
        for (let b = 0; b < inBlock; b++) {
          const at = start(block + b, k);
          if (Number.isNaN(first(block + b, k))) continue;
          const out = poses.subarray(at, at + stride);
          if (wanted[b]) {
            selectGlobal(b, out, random);
            descend(b, k, out, plan.levels, hopfSpacingRad(plan.order), CORNERS, random);
          } else {
            out.set(previous!.subarray(at, at + stride));
            descend(b, k, out, plan.localLevels, 2 * plan.localSpacingRad, LATTICE, random);
          }
          evidence[(block + b) * references + k] = logSumScores(out, keep, plan.temperature);
        }
      }
    }
    return { poses, evidence };
  }

  /** C·x at the full radius of image `index` into slot b; C² too. */
  function loadImage(index: number, b: number): void {
    const { fine, row, contrast, image, contrasts } = scratch;
    reader.readRow(index, row);
    reader.readContrast(index, contrast);
    for (let p = 0; p < fine; p++) {
      const c = contrast[p]!;
      image[2 * (b * fine + p)] = c * row[2 * p]!;
      image[2 * (b * fine + p) + 1] = c * row[2 * p + 1]!;
      contrasts[b * fine + p] = c * c;
    }
  }

  /** Every shift of the block's images at the coarse radius, and −½ C². */
  function fillShifted(inBlock: number): void {
    const { coarse, fine, image, contrasts, shifted, squares } = scratch;
    for (let b = 0; b < inBlock; b++) {
      for (let p = 0; p < coarse; p++) squares[b * coarse + p] = -0.5 * contrasts[b * fine + p]!;
      for (let t = 0; t < phases.length; t++) {
        const phase = phases[t]!;
        const to = 2 * coarse * (b * phases.length + t);
        const from = 2 * b * fine;
        for (let i = 0; i < 2 * coarse; i += 2) {
          const re = image[from + i]!;
          const im = image[from + i + 1]!;
          shifted[to + i] = re * phase[i]! - im * phase[i + 1]!;
          shifted[to + i + 1] = re * phase[i + 1]! + im * phase[i]!;
        }
      }
    }
  }

  /** The best `keep` rotations of the grid, each with its best shift, into `out`. */
  function selectGlobal(b: number, out: Float64Array, random: Random): void {
    const { scores, best, bestShift, beam } = scratch;
    const rotations = grid.count;
    const base = b * phases.length * rotations;
    best.set(scores.subarray(base, base + rotations));
    bestShift.fill(0);
    for (let t = 1; t < phases.length; t++) {
      const from = base + t * rotations;
      for (let r = 0; r < rotations; r++) {
        const score = scores[from + r]!;
        if (score > best[r]!) {
          best[r] = score;
          bestShift[r] = t;
        }
      }
    }
    const temperature = plan!.temperature;
    let top = -Infinity;
    for (let r = 0; r < rotations; r++) if (best[r]! > top) top = best[r]!;
    const worthwhile = top - 16 * temperature - 1e-6;
    beam.size = 0;
    let threshold = -Infinity;
    for (let r = 0; r < rotations; r++) {
      const score = best[r]!;
      if (temperature > 0 ? score < worthwhile && beam.size === beam.capacity : score <= threshold) continue;
      const rank = temperature > 0 ? score + temperature * gumbel(random) : score;
      if (rank > threshold) threshold = beamInsert(beam, r, rank);
    }
    for (let i = 0; i < beam.size; i++) {
      const r = beam.items[i]!;
      const at = i * POSE_STRIDE;
      for (let j = 0; j < 6; j++) out[at + j] = grid.matrices[9 * r + j]!;
      out[at + 6] = shifts[2 * bestShift[r]!]!;
      out[at + 7] = shifts[2 * bestShift[r]! + 1]!;
      out[at + 8] = best[r]!;
    }
  }

  /** Halve spacing and step `levels` times around the poses of `out`, at the full radius, in place. */
  function descend(
    b: number,
    k: number,
    out: Float64Array,
    levels: number,
    spacingRad: number,
    firstPattern: Float64Array,
    random: Random,
  ): void {
    const { temperature, shiftStepPixels } = plan!;
    let step = firstPattern === LATTICE ? shiftStepPixels / 4 : shiftStepPixels / 2;
    for (let level = 0; level < levels; level++) {
      const spacing = spacingRad / 2 ** (level + 1);
      const pattern = level === 0 ? firstPattern : CORNERS;
      const size = pattern === LATTICE ? spacing : spacing / 2;
      turnAround(b, k, out, pattern, size, temperature, random);
      moveAround(b, k, out, step);
      step /= 2;
    }
  }

  /** Try every turn of the pattern on every pose, at that pose's shift; keep the best. */
  function turnAround(
    b: number,
    k: number,
    out: Float64Array,
    pattern: Float64Array,
    sizeRad: number,
    temperature: number,
    random: Random,
  ): void {
    const { beam, candidates, turn } = scratch;
    const parents = countPoses(out);
    const turns = pattern.length / 3;
    beam.size = 0;
    let threshold = -Infinity;
    for (let parent = 0; parent < parents; parent++) {
      const from = parent * POSE_STRIDE;
      centreImage(b, out[from + 6]!, out[from + 7]!);
      for (let j = 0; j < turns; j++) {
        const at = (parent * turns + j) * POSE_STRIDE;
        turn.set(
          rotationFromVector([pattern[3 * j]! * sizeRad, pattern[3 * j + 1]! * sizeRad, pattern[3 * j + 2]! * sizeRad]),
        );
        turnedRowsInto(candidates, at, turn, 0, out, from);
        candidates[at + 6] = out[from + 6]!;
        candidates[at + 7] = out[from + 7]!;
        const score = scoreCentred(b, k, candidates, at);
        candidates[at + 8] = score;
        const rank = temperature > 0 ? score + temperature * gumbel(random) : score;
        if (rank > threshold) threshold = beamInsert(beam, parent * turns + j, rank);
      }
    }
    for (let i = 0; i < beam.size; i++) {
      const from = beam.items[i]! * POSE_STRIDE;
      out.set(candidates.subarray(from, from + POSE_STRIDE), i * POSE_STRIDE);
    }
  }

  /** C·x displaced by −(tx, ty), into scratch. */
  function centreImage(b: number, tx: number, ty: number): void {
    const { fine, image, centred } = scratch;
    const step = (2 * Math.PI) / plane.box;
    for (let p = 0; p < fine; p++) {
      const angle = step * (plane.kx[p]! * tx + plane.ky[p]! * ty);
      const c = Math.cos(angle);
      const s = Math.sin(angle);
      const re = image[2 * (b * fine + p)]!;
      const im = image[2 * (b * fine + p) + 1]!;
      centred[2 * p] = re * c - im * s;
      centred[2 * p + 1] = re * s + im * c;
    }
  }

  function scoreCentred(b: number, k: number, pose: Float64Array, at: number): number {
    const { fine, slice, centred, contrasts } = scratch;
    sliceInto(slice, rasters[k]!, pose, at, plane.kx, plane.ky, fine);
    let score = 0;
    for (let p = 0, c = b * fine; p < fine; p++, c++) {
      const re = slice[2 * p]!;
      const im = slice[2 * p + 1]!;
      score += re * centred[2 * p]! + im * centred[2 * p + 1]! - 0.5 * contrasts[c]! * (re * re + im * im);
    }
    return score;
  }

  /** Best of a 3×3 grid of shifts around each pose, in place. */
  function moveAround(b: number, k: number, out: Float64Array, stepPixels: number): void {
    const { fine, slice, centred, contrasts, cross } = scratch;
    const offsets = movePhases(fine, stepPixels);
    const poses = countPoses(out);
    for (let i = 0; i < poses; i++) {
      const at = i * POSE_STRIDE;
      centreImage(b, out[at + 6]!, out[at + 7]!);
      sliceInto(slice, rasters[k]!, out, at, plane.kx, plane.ky, fine);
      let norm = 0;
      for (let p = 0, c = b * fine; p < fine; p++, c++) {
        const re = slice[2 * p]!;
        const im = slice[2 * p + 1]!;
        const x = centred[2 * p]!;
        const y = centred[2 * p + 1]!;
        norm += 0.5 * contrasts[c]! * (re * re + im * im);
        cross[2 * p] = re * x + im * y;
        cross[2 * p + 1] = re * y - im * x;
      }
      let best = 4; // the middle of the 3×3 grid: no move
      let bestScore = -Infinity;
      for (let t = 0; t < 9; t++) {
        const phase = offsets[t]!;
        let score = -norm;
        for (let q = 0; q < 2 * fine; q += 2) score += cross[q]! * phase[q]! - cross[q + 1]! * phase[q + 1]!;
        if (score > bestScore + (t === 4 ? 0 : 1e-9)) {
          bestScore = score;
          best = t;
        }
      }
      out[at + 6] = out[at + 6]! + ((best % 3) - 1) * stepPixels;
      out[at + 7] = out[at + 7]! + (Math.floor(best / 3) - 1) * stepPixels;
      out[at + 8] = bestScore;
    }
  }

  const moves = new Map<string, Float32Array[]>();
  function movePhases(points: number, step: number): Float32Array[] {
    const key = `${points} ${step}`;
    const known = moves.get(key);
    if (known !== undefined) return known;
    if (moves.size > 16) moves.clear();
    const made = Array.from({ length: 9 }, (_, t) =>
      shiftPhases(plane, points, ((t % 3) - 1) * step, (Math.floor(t / 3) - 1) * step),
    );
    moves.set(key, made);
    return made;
  }

  return { setReferences, search, dispose: async () => product?.dispose() };
}

/** scores [block shifts rotations] = shifted · slices + squares · power, one program for every batch. */
function scoreProgram(block: number, shifts: number, points: number, rotations: number): Promise<Compiled> {
  return compile(
    ({ shifted, squares, slices, power }) => {
      const cross = shifted!.matMul(slices!).reshape([block, shifts, rotations]);
      return { scores: cross.add(squares!.matMul(power!).reshape([block, 1, rotations])) };
    },
    {
      shifted: [block * shifts, 2 * points],
      squares: [block, points],
      slices: [2 * points, rotations],
      power: [points, rotations],
    },
    { name: "pose scores", threads: 1 },
  );
}

interface Scratch {
  readonly coarse: number;
  readonly fine: number;
  readonly row: Float32Array;
  readonly contrast: Float32Array;
  readonly image: Float32Array;
  readonly contrasts: Float32Array;
  readonly centred: Float32Array;
  readonly slice: Float32Array;
  readonly cross: Float32Array;
  readonly shifted: Float32Array;
  readonly squares: Float32Array;
  readonly scores: Float32Array;
  readonly best: Float32Array;
  readonly bestShift: Int32Array;
  readonly candidates: Float64Array;
  readonly turn: Float64Array;
  readonly beam: Beam;
}

function createScratch(coarse: number, fine: number, rotations: number, shifts: number, keep = 1): Scratch {
  return {
    coarse,
    fine,
    row: new Float32Array(2 * fine),
    contrast: new Float32Array(fine),
    image: new Float32Array(2 * BLOCK * fine),
    contrasts: new Float32Array(BLOCK * fine),
    centred: new Float32Array(2 * fine),
    slice: new Float32Array(2 * fine),
    cross: new Float32Array(2 * fine),
    shifted: new Float32Array(2 * BLOCK * shifts * coarse),
    squares: new Float32Array(BLOCK * coarse),
    scores: new Float32Array(BLOCK * shifts * rotations),
    best: new Float32Array(rotations),
    bestShift: new Int32Array(rotations),
    candidates: new Float64Array(keep * LATTICE.length * 3 * POSE_STRIDE),
    turn: new Float64Array(9),
    beam: createBeam(keep),
  };
}

function countPoses(poses: Float64Array): number {
  let count = 0;
  while (count * POSE_STRIDE < poses.length && poses[count * POSE_STRIDE + 8]! > -Infinity) count++;
  return count;
}

/** T·log Σ exp(score/T); the largest score when T = 0. */
function logSumScores(poses: Float64Array, keep: number, temperature: number): number {
  let top = -Infinity;
  for (let i = 0; i < keep; i++) top = Math.max(top, poses[i * POSE_STRIDE + 8]!);
  if (temperature === 0 || top === -Infinity) return top;
  let sum = 0;
  for (let i = 0; i < keep; i++) sum += Math.exp((poses[i * POSE_STRIDE + 8]! - top) / temperature);
  return top + temperature * Math.log(sum);
}

function gumbel(random: Random): number {
  return -Math.log(-Math.log(random.uniform() + 1e-300) + 1e-300);
}

function cube(ticks: readonly number[]): Float64Array {
  return Float64Array.from(ticks.flatMap((x) => ticks.flatMap((y) => ticks.flatMap((z) => [x, y, z]))));
}

/**
 * @file Pose search of images against several references, in one thread: matrix products, then descent.
 *
 * Global: every rotation of a grid × every shift at a low radius, as matrix products (global-scores.ts). The best
 * few rotations descend (descent.ts). Local: the descent alone, from given poses. With climbs, the best poses that
 * are not on the same hill are brought to its top (climb.ts), and the posterior's spread is known.
 *
 * Score = log-likelihood up to ½‖x‖², of whitened coefficients: ⟨x, C·S⟩ − ½‖C·S‖².
 */
import { check } from "../core/errors.js";
import type { Random } from "../core/random.js";
import { hopfSpacingRad } from "../geometry/hopf-grid.js";
import type { FourierRaster } from "../imaging/fourier-raster.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";
import { CORNERS, LATTICE } from "./descent.js";
import { BLOCK } from "./global-scores.js";
import { climbHills } from "./hills.js";
import { loadImageInto } from "./loaded-image.js";
import { radiusAtLevel, type SearchPlan } from "./plan.js";
import { countPoses, POSE_STRIDE } from "./pose-row.js";
import { bankOf, CHUNK_IMAGES, prepareSetup, type Setup } from "./search-setup.js";
import { selectRotations } from "./select-rotations.js";
import type { Slicer } from "./slicer.js";

/** Results for a batch, per image and reference, in the order given. */
export interface SearchResult {
  /** Float64[images references keep 9], pose rows (pose-row.ts). */
  readonly poses: Float64Array;
  /**
   * Float64[images references]: T·log Σ exp(score/T) over kept poses; the largest score at T = 0, T = 1 after climbs;
   * −Infinity where skipped.
   */
  readonly evidence: Float64Array;
  /** Float64[images references], rad: 68 % of the posterior lie this near the best pose. NaN without climbs. */
  readonly spread: Float64Array;
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

/** A search over the working set of `reader`, in this thread; in room `room` of rasters that are placed (placed-raster.ts). */
export function createPoseSearch(reader: PreparedReader, room = 0): PoseSearch {
  let setup: Setup | undefined;

  async function search(images: Int32Array, random: Random, previous?: Float64Array): Promise<SearchResult> {
    check(setup !== undefined, "search", "references set before", "none");
    const { plan, slicers } = setup;
    const references = slicers.length;
    const stride = plan.keep * POSE_STRIDE;
    const slots = images.length * references;
    const result = {
      poses: new Float64Array(slots * stride).fill(-Infinity),
      evidence: new Float64Array(slots).fill(-Infinity),
      spread: new Float64Array(slots).fill(Number.NaN),
    };
    const first = (slot: number): number => previous?.[slot * stride + 8] ?? -Infinity;
    const finish = (slicer: Slicer, slot: number, climbs = plan.climbs ?? 0): void => {
      const out = result.poses.subarray(slot * stride, (slot + 1) * stride);
      out.set(setup!.work.subarray(0, stride));
      if (plan.climbs) result.spread[slot] = climbHills(setup!, slicer, out, climbs);
      result.evidence[slot] = logSumScores(out, plan.climbs ? 1 : plan.temperature);
    };

    for (let chunk = 0; chunk < images.length; chunk += CHUNK_IMAGES) {
      const here = Array.from(images.subarray(chunk, chunk + CHUNK_IMAGES), (index, i) => {
        loadImageInto(setup!.images[i]!, reader, index);
        return { image: setup!.images[i]!, slot: (chunk + i) * references };
      });
      const isGlobal = (slot: number): boolean => first(slot) === -Infinity;
      const somewhereGlobal = here.filter(({ slot }) => slicers.some((_, k) => isGlobal(slot + k)));
      for (let from = 0; from < somewhereGlobal.length; from += BLOCK) {
        const block = somewhereGlobal.slice(from, from + BLOCK);
        setup.scores.setImages(block.map(({ image }) => image));
        for (let k = 0; k < references; k++) {
          if (!block.some(({ slot }) => isGlobal(slot + k))) continue;
          const scores = await setup.scores.score(bankOf(setup, k));
          block.forEach(({ image, slot }, b) => {
            if (!isGlobal(slot + k)) return;
            const slicer = slicers[k]!;
            slicer.setImage(image);
            selectRotations(setup!, slicer, scores[b]!, random);
            descend(setup!, slicer, "global", random);
            finish(slicer, slot + k);
          });
        }
      }
      for (const { image, slot } of here)
        for (const [k, slicer] of slicers.entries()) {
          if (isGlobal(slot + k) || Number.isNaN(first(slot + k))) continue;
          slicer.setImage(image);
          setup.work.fill(-Infinity);
          setup.work.set(previous!.subarray((slot + k) * stride, (slot + k + 1) * stride));
          // As many climbs as poses to start from: they stand on hills already.
          const climbs = Math.min(plan.climbs ?? 0, countPoses(setup.work));
          descend(setup, slicer, "local", random, climbs || plan.keep);
          finish(slicer, slot + k, climbs);
        }
    }
    return result;
  }

  return {
    async setReferences(rasters, plan) {
      setup = await prepareSetup(reader, rasters, plan, room, setup);
    },
    search,
    dispose: async () => setup?.scores.dispose(),
  };
}

/** Halve spacing and step around the poses of `setup.work`, level by level. */
function descend(setup: Setup, slicer: Slicer, kind: "global" | "local", random: Random, keep = setup.plan.keep): void {
  const { plan, descent, work, points } = setup;
  const levels = kind === "global" ? plan.levels : plan.localLevels;
  const spacingRad = kind === "global" ? hopfSpacingRad(plan.order) : 2 * plan.localSpacingRad;
  for (let level = 0; level < levels; level++) {
    const spacing = spacingRad / 2 ** (level + 1);
    const isLattice = kind === "local" && level === 0;
    const step = {
      points: points(radiusAtLevel(plan, level, levels)),
      pattern: isLattice ? LATTICE : CORNERS,
      halfWidthRad: isLattice ? spacing : spacing / 2,
      shiftStepPixels: plan.shiftStepPixels / (kind === "local" ? 4 : 2) / 2 ** level,
    };
    descent.level(slicer, work, keep, step, plan.temperature, random);
  }
}

/** T·log Σ exp(score/T); the largest score when T = 0. */
function logSumScores(poses: Float64Array, temperature: number): number {
  const count = countPoses(poses);
  let top = -Infinity;
  for (let i = 0; i < count; i++) top = Math.max(top, poses[i * POSE_STRIDE + 8]!);
  if (temperature === 0 || top === -Infinity) return top;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Math.exp((poses[i * POSE_STRIDE + 8]! - top) / temperature);
  return top + temperature * Math.log(sum);
}

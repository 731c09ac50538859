/**
 * @file Where every image stands: posterior, best class, the draw that maps are made of, poses to search around.
 *
 * A few hundred bytes per image and class; the images themselves stay on disk.
 */
import type { Random } from "../core/random.js";
import { POSE_STRIDE } from "../pose/pose-row.js";
import { drawIndex, largestIndex } from "./responsibility.js";

/** Poses kept by a search, per image and class. */
export const KEEP = 8;
/** Of those, how many start the next local search. */
const SEEDS = 3;

export interface ImageTable {
  /** Int32[count], −1 before the first visit. */
  readonly classes: Int32Array;
  /** Float32[count K] */
  readonly posterior: Float32Array;
  /** Float64[count]: log-evidence of the best class, rigid, when last searched. */
  readonly evidence: Float64Array;
  /** Float32[count K]: log-evidence under every class. */
  readonly classEvidence: Float32Array;
  /** Float32[count]: posterior that no class explains the image (junk.ts). */
  readonly junk: Float32Array;
  /** Int32[count]: when the image was visited last, counted in images; −1 never. */
  readonly visited: Int32Array;
  /** Int32[count]: 1 where the class changed at the latest visit. */
  readonly changed: Int32Array;
  /** Float32[count K zDim] */
  readonly z: Float32Array;
  /** Int32[count], the class drawn for the maps; −1 before the first visit. */
  readonly drawnClass: Int32Array;
  /** Float32[count 9], the pose drawn in that class. */
  readonly drawnPose: Float32Array;
  /** Float32[count 9], the pose before poses began anew. */
  readonly keptPose: Float32Array;
  /** Float32[count K seeds 9], the best poses of the latest search. */
  readonly seeds: Float32Array;
}

export function createImageTable(count: number, K: number, zDim: number): ImageTable {
  return {
    classes: new Int32Array(count).fill(-1),
    posterior: new Float32Array(count * K).fill(1 / K),
    evidence: new Float64Array(count),
    classEvidence: new Float32Array(count * K),
    junk: new Float32Array(count),
    visited: new Int32Array(count).fill(-1),
    changed: new Int32Array(count),
    z: new Float32Array(count * K * zDim),
    drawnClass: new Int32Array(count).fill(-1),
    drawnPose: new Float32Array(count * POSE_STRIDE),
    keptPose: new Float32Array(count * POSE_STRIDE),
    seeds: new Float32Array(count * K * SEEDS * POSE_STRIDE),
  };
}

/** Keep the best of the poses at `found[from..]` as seeds of image and class. */
export function storeSeeds(table: ImageTable, slot: number, found: Float64Array, from: number): void {
  const order = Array.from({ length: KEEP }, (_, i) => from + i * POSE_STRIDE)
    .filter((at) => found[at + 8]! > -Infinity)
    .sort((a, b) => found[b + 8]! - found[a + 8]!);
  const base = slot * SEEDS * POSE_STRIDE;
  table.seeds.fill(-Infinity, base, base + SEEDS * POSE_STRIDE);
  order.slice(0, SEEDS).forEach((at, i) => {
    table.seeds.set(found.subarray(at, at + POSE_STRIDE), base + i * POSE_STRIDE);
  });
}

/** Best stored pose of image and class `slot`: offset into `table.seeds`. */
export function bestSeed(slot: number): number {
  return slot * SEEDS * POSE_STRIDE;
}

/** What is asked of one image under one reference. */
export type Ask = "everywhere" | "nearby" | "nothing";

/**
 * Starting poses of a search: Float64[images K keep 9]. A first score of −Infinity asks for a global search,
 * NaN for none (pose/search.ts). `ask` is called with image and class.
 */
export function startingPoses(
  table: ImageTable,
  images: Int32Array,
  K: number,
  ask: (image: number, k: number) => Ask,
): Float64Array {
  const stride = KEEP * POSE_STRIDE;
  const out = new Float64Array(images.length * K * stride).fill(-Infinity);
  images.forEach((image, row) => {
    for (let k = 0; k < K; k++) {
      const seeds = table.seeds.subarray(bestSeed(image * K + k), bestSeed(image * K + k + 1));
      const at = (row * K + k) * stride;
      const wanted = ask(image, k);
      if (wanted === "nearby") out.set(seeds, at);
      if (wanted === "nothing") out[at + 8] = Number.NaN;
    }
  });
  return out;
}

/** Draw one of the poses at `found[from..]` with probability ∝ exp(score / T) for the maps. */
export function drawPose(
  table: ImageTable,
  image: number,
  found: Float64Array,
  from: number,
  temperature: number,
  random: Random,
): void {
  const weights = new Float64Array(KEEP);
  let top = -Infinity;
  for (let i = 0; i < KEEP; i++) top = Math.max(top, found[from + i * POSE_STRIDE + 8]!);
  for (let i = 0; i < KEEP; i++) weights[i] = Math.exp((found[from + i * POSE_STRIDE + 8]! - top) / temperature);
  const at = from + drawIndex(weights, 0, KEEP, random) * POSE_STRIDE;
  table.drawnPose.set(found.subarray(at, at + POSE_STRIDE), image * POSE_STRIDE);
}

/** The drawn poses of `images`, in order: Float32[images 9]. */
export function drawnPoses(table: ImageTable, images: ArrayLike<number>): Float32Array {
  const out = new Float32Array(images.length * POSE_STRIDE);
  for (let row = 0; row < images.length; row++) {
    const at = images[row]! * POSE_STRIDE;
    out.set(table.drawnPose.subarray(at, at + POSE_STRIDE), row * POSE_STRIDE);
  }
  return out;
}

/**
 * The images drawn for class k among the `memory` visited last, or among all of the class when it has fewer than 50; no junk.
 * Images of a blind start, never visited, count until the first visits are that many.
 */
export function drawnImages(table: ImageTable, k: number, now: number, memory: number): number[] {
  const all: number[] = [];
  const recent: number[] = [];
  for (let i = 0; i < table.drawnClass.length; i++) {
    if (table.drawnClass[i] !== k || isJunk(table, i)) continue;
    all.push(i);
    if (now - table.visited[i]! <= memory) recent.push(i);
  }
  return recent.length >= Math.min(50, all.length) ? recent : all;
}

/** Whether image i is more likely junk than not. */
export function isJunk({ junk }: Pick<ImageTable, "junk">, i: number): boolean {
  return junk[i]! > 0.5;
}

/** The same images under the classes `kept` alone; images of another class take the best of those. */
export function withClasses(table: ImageTable, kept: readonly number[], from: { K: number; zDim: number }): ImageTable {
  const count = table.classes.length;
  const K = kept.length;
  const out = createImageTable(count, K, from.zDim);
  const seeds = SEEDS * POSE_STRIDE;
  for (let i = 0; i < count; i++) {
    kept.forEach((old, k) => {
      const [a, b] = [i * from.K + old, i * K + k];
      out.classEvidence[b] = table.classEvidence[a]!;
      out.z.set(table.z.subarray(a * from.zDim, (a + 1) * from.zDim), b * from.zDim);
      out.seeds.set(table.seeds.subarray(a * seeds, (a + 1) * seeds), b * seeds);
    });
    out.junk[i] = table.junk[i]!;
    if (table.classes[i]! < 0) continue;
    const own = kept.indexOf(table.classes[i]!);
    const best = own >= 0 ? own : largestIndex(out.classEvidence, i * K, K);
    for (let k = 0; k < K; k++) out.posterior[i * K + k] = k === best ? 1 : 0;
    out.classes[i] = best;
    out.evidence[i] = out.classEvidence[i * K + best]!;
    out.visited[i] = table.visited[i]!;
    const drawn = kept.indexOf(table.drawnClass[i]!);
    out.drawnClass[i] = drawn >= 0 ? drawn : best;
    const at = bestSeed(i * K + best);
    out.drawnPose.set(
      drawn >= 0
        ? table.drawnPose.subarray(i * POSE_STRIDE, (i + 1) * POSE_STRIDE)
        : out.seeds.subarray(at, at + POSE_STRIDE),
      i * POSE_STRIDE,
    );
  }
  return out;
}

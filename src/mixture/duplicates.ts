/**
 * @file Classes that hold one species, and their images brought together.
 *
 * With e_ab the mean held-out log-evidence of images of class a under class b (held-out-evidence.ts),
 *
 *     likeness(a, b) = (e_ab + e_ba) / (e_aa + e_bb)
 *
 * is 1 for two halves of one species, and near the squared correlation of their maps for two species: a projection
 * keeps that part of its power. Mirror images explain the same projections: both hands are one.
 */
import { POSE_STRIDE } from "../pose/pose-row.js";
import { LEAST_JUDGED } from "./held-out-evidence.js";
import { bestSeed, type ImageTable } from "./image-table.js";

/**
 * Classes more alike than this are one species. Parts of one come to 0.91-0.95 while poses are a few degrees off (ribosplike
 * and RyR1 mixtures), unlike species to 0.4-0.8; species whose maps correlate by 0.9 would come to 0.81.
 */
const ONE_SPECIES = 0.9;

/**
 * Of the classes `kept`, with `sizes` images each, the one that would be missed least: its images lose least held-out
 * evidence, n_a (e_aa − max_b e_ab) in all, when they go to the class that suits them second best. Of equals the smallest.
 */
export function leastMissed(
  evidence: readonly Float64Array[],
  sizes: ArrayLike<number>,
  kept: readonly number[],
): number {
  const missed = (a: number): number => {
    const second = Math.max(...kept.filter((b) => b !== a).map((b) => evidence[a]![b]!));
    return sizes[a]! * Math.max(0, evidence[a]![a]! - second);
  };
  const costs = new Map(kept.map((a) => [a, missed(a)]));
  return kept.reduce((a, b) => {
    const gap = costs.get(b)! - costs.get(a)!;
    return gap < 0 || (gap === 0 && sizes[b]! < sizes[a]!) ? b : a;
  });
}

/** The classes `kept` that hold enough images for a map of each half of them, or half an even share where that is less. */
export function largeEnough(sizes: ArrayLike<number>, kept: readonly number[]): readonly number[] {
  const evenShare = kept.reduce((sum, k) => sum + sizes[k]!, 0) / kept.length;
  const least = Math.min(LEAST_JUDGED, evenShare / 2);
  return kept.filter((k) => sizes[k]! >= least);
}

/** A class that holds a particle says at least this part of what the median class says of its own held-out images. */
const FAINT = 0.35;

/**
 * The classes `kept`, with `sizes` images each, without those that hold no particle: noise and odd shapes do not explain one
 * another. Classes too small to be judged stay.
 */
export function withoutFaint(
  evidence: readonly Float64Array[],
  sizes: ArrayLike<number>,
  kept: readonly number[],
): readonly number[] {
  const judged = kept.filter((k) => sizes[k]! >= LEAST_JUDGED);
  const own = judged.map((k) => evidence[k]![k]!).toSorted((a, b) => a - b);
  const least = FAINT * own[Math.floor(own.length / 2)]!;
  return kept.filter((k) => !judged.includes(k) || evidence[k]![k]! >= least);
}

/** Float64[K] per class: likeness to every class, at least 0; 0 where a class says nothing. */
export function classLikeness(evidence: readonly Float64Array[]): readonly Float64Array[] {
  return evidence.map((row, a) =>
    row.map((_, b) => {
      const own = evidence[a]![a]! + evidence[b]![b]!;
      return evidence[a]![a]! > 0 && evidence[b]![b]! > 0
        ? Math.max(0, (evidence[a]![b]! + evidence[b]![a]!) / own)
        : 0;
    }),
  );
}

/**
 * Int32[K]: the first of the classes that hold the species of class k; k itself where it is alone. The most alike are joined
 * first, groups by their mean likeness: a class that holds two species is like both of them and must not be their bridge.
 */
export function speciesOfClasses(likeness: readonly Float64Array[]): Int32Array {
  const groups = likeness.map((_, k) => [k]);
  const meanLikeness = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, x) => sum + b.reduce((s, y) => s + likeness[x]![y]!, 0), 0) / (a.length * b.length);
  for (;;) {
    let [most, into, from] = [ONE_SPECIES, -1, -1];
    for (let a = 0; a < groups.length; a++)
      for (let b = a + 1; b < groups.length; b++) {
        const alike = meanLikeness(groups[a]!, groups[b]!);
        if (alike > most) [most, into, from] = [alike, a, b];
      }
    if (into < 0) break;
    groups[into]!.push(...groups.splice(from, 1)[0]!);
  }
  const home = new Int32Array(likeness.length);
  for (const group of groups) for (const k of group) home[k] = Math.min(...group);
  return home;
}

/** The images of class k in class `home[k]`, with certainty, at the best pose known of them there. */
export function joinClasses(
  table: Pick<ImageTable, "classes" | "posterior" | "drawnClass" | "drawnPose" | "seeds">,
  home: Int32Array,
): void {
  const { classes, posterior, drawnClass, drawnPose, seeds } = table;
  const K = home.length;
  classes.forEach((k, i) => {
    if (k < 0 || home[k] === k) return;
    classes[i] = drawnClass[i] = home[k]!;
    posterior.fill(0, i * K, (i + 1) * K);
    posterior[i * K + home[k]!] = 1;
    const at = bestSeed(i * K + home[k]!);
    // None is known of an image that was never searched there: it keeps one of its own, until its next visit.
    const length = Math.hypot(seeds[at]!, seeds[at + 1]!, seeds[at + 2]!);
    if (length > 0.5 && length < Infinity) drawnPose.set(seeds.subarray(at, at + POSE_STRIDE), i * POSE_STRIDE);
  });
}

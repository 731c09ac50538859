/** @file The best few of many, kept without sorting everything; or a draw of a few. */
import type { Random } from "../core/random.js";

export interface Beam {
  /** How many are held now. */
  size: number;
  readonly capacity: number;
  /** Float64[capacity]: rank of each, in no order. */
  readonly ranks: Float64Array;
  /** Int32[capacity]: which candidate. */
  readonly items: Int32Array;
}

export function createBeam(capacity: number): Beam {
  return { size: 0, capacity, ranks: new Float64Array(capacity), items: new Int32Array(capacity) };
}

/** Smallest rank that still gets in. */
export function beamThreshold(beam: Beam): number {
  if (beam.size < beam.capacity) return -Infinity;
  let least = Infinity;
  for (let i = 0; i < beam.size; i++) if (beam.ranks[i]! < least) least = beam.ranks[i]!;
  return least;
}

/** Take `item` in, in place of the least. Call only when `rank` exceeds the threshold; returns the new threshold. */
export function beamInsert(beam: Beam, item: number, rank: number): number {
  let slot = beam.size;
  if (slot < beam.capacity) beam.size++;
  else {
    slot = 0;
    for (let i = 1; i < beam.size; i++) if (beam.ranks[i]! < beam.ranks[slot]!) slot = i;
  }
  beam.ranks[slot] = rank;
  beam.items[slot] = item;
  return beamThreshold(beam);
}

/** Gumbel numbers at even quantiles, few enough for the nearest cache: a draw costs no logarithm. */
const GUMBEL = Float64Array.from({ length: 2 ** 12 }, (_, i) => -Math.log(-Math.log((i + 0.5) / 2 ** 12)));

/** A Gumbel number: the item with the largest score + T · gumbel is drawn with probability ∝ exp(score/T). */
export function gumbel(random: Random): number {
  return GUMBEL[random.integer(GUMBEL.length)]!;
}

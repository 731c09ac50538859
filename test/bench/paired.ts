/** @file Timing in pairs: two jobs alternate, so that a change of clock or neighbour hits both alike. */
import { setTimeout } from "node:timers/promises";

/** OpenMP's threads wait for more work in a loop, for 20 ms or so: the next job should not meet them. */
const SETTLED = 60;

export interface PairedTimes {
  /** Milliseconds, one per round. */
  readonly first: readonly number[];
  readonly second: readonly number[];
}

export async function timeInPairs(
  first: () => Promise<unknown>,
  second: () => Promise<unknown>,
  rounds: number,
): Promise<PairedTimes> {
  const times = { first: [] as number[], second: [] as number[] };
  for (let i = -3; i < rounds; i++) {
    const [a, b] = [await milliseconds(first), await milliseconds(second)];
    if (i < 0) continue; // warm-up
    times.first.push(a);
    times.second.push(b);
  }
  return times;
}

/** Of the second of two runs: the first brings caches and clock back to what they are in the middle of work. */
async function milliseconds(job: () => Promise<unknown>): Promise<number> {
  await setTimeout(SETTLED);
  await job();
  const start = performance.now();
  await job();
  return performance.now() - start;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

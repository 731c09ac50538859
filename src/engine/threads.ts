/**
 * @file How many cores one run may use, so that runs beside each other do not fight for them.
 *
 * Runs of one thread of JavaScript follow one another, so each may have all cores; worker threads run beside each
 * other, so a program compiled in one gets a single core unless told otherwise.
 */
import { availableParallelism } from "node:os";
import { isMainThread } from "node:worker_threads";
import { check } from "../core/errors.js";

/** More threads than this gain little on matrices of a few hundred rows. */
const MOST = 4;

/** The number compile() takes when none is given: `IOLAUS_THREADS`, else by the rule above. */
export function defaultThreads(): number {
  const told = process.env["IOLAUS_THREADS"];
  if (told === undefined || told === "") return isMainThread ? Math.min(MOST, availableParallelism()) : 1;
  const threads = Number(told);
  check(Number.isInteger(threads) && threads > 0, "IOLAUS_THREADS", "a positive integer", told);
  return threads;
}

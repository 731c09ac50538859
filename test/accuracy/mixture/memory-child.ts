/** @file One pass over many images in a process of its own: `memory-child.ts COUNT` prints a line of JSON. */

import { repeatedSource } from "../../support/repeated-source.js";
import { EXPOSURE, GRID, RIBOSPLIKE, ribosplike } from "../../support/ribosplike.js";
import { modelledSource } from "../../support/simulated-source.js";
import { reconstructed, scaled, withPrepared } from "./trial.js";

export interface OnePass {
  readonly count: number;
  readonly prepareSeconds: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Largest resident set of the process: before, with the set prepared, at the end. */
  readonly peakMegabytes: readonly [before: number, prepared: number, end: number];
}

/** Simulated once, as good as free of noise. */
const DIFFERENT = 600;
const CLEAN_SNR = 1e6;

const peak = (): number => process.resourceUsage().maxRSS / 1024;
const count = Number(process.argv[2]);
const counts = RIBOSPLIKE.map(() => scaled(DIFFERENT / RIBOSPLIKE.length));
const few = modelledSource("few", { ...EXPOSURE, counts, snr: CLEAN_SNR }, ribosplike());
// Every species has projections of variance 1; the CTF takes about half.
const sigma = Math.sqrt(0.5 / EXPOSURE.snr);
const before = peak();
const start = performance.now();
await withPrepared(
  repeatedSource(few, count, sigma),
  async (set) => {
    const prepareSeconds = (performance.now() - start) / 1e3;
    const prepared = peak();
    const { seconds, cpuSeconds } = await reconstructed(set, { classes: RIBOSPLIKE.length, seed: 1, passes: 1 });
    const found: OnePass = { count, prepareSeconds, seconds, cpuSeconds, peakMegabytes: [before, prepared, peak()] };
    console.log(JSON.stringify(found));
  },
  { box: GRID.box },
);

/** @file Entry of the process that computes. Started by supervise.ts. */
import type { Reconstructor } from "./run-loop.js";
import { serveRun } from "./serve-run.js";

/** Loaded when the particles have been found in order: refusals come at once. */
const reconstructor: Reconstructor = async function* (set, options, resume) {
  const { reconstructMixture } = await import("../mixture/reconstruct.js");
  yield* reconstructMixture(set, options, resume);
};

serveRun(reconstructor);

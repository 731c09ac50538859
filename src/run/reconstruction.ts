/** @file A whole reconstruction in one call: particles in, run folder out, computed in a process of its own. */
import { checkCancelled, IolausError } from "../core/errors.js";
import type { OnProgress, Progress } from "../core/progress.js";
import { openRun, type Run } from "./open-run.js";
import type { ProgressRow } from "./progress-log.js";
import { checkRequest, type ReconstructionOptions } from "./run-options.js";
import { superviseRun } from "./supervise.js";

/** Least time between two reports of progress. */
const QUIET_MS = 250;

/**
 * Find species, poses, conformations and maps of the particles in a `.star` file (or a bare stack without CTF).
 * The result reads the run folder. A stop by `signal` is an IolausError `cancelled`; `resume: true` goes on from there.
 */
export async function reconstruct(particles: string, options: ReconstructionOptions): Promise<Run> {
  const { onProgress, onStep, signal, ...request } = options;
  checkRequest(request);
  checkCancelled(signal);
  const report = onProgress === undefined ? undefined : atMostEvery(QUIET_MS, onProgress);
  const end = await superviseRun(particles, request, {
    ...(signal && { signal }),
    ...(report && { onProgress: report }),
    onStep(row) {
      onStep?.(row);
      report?.(progressOf(row));
    },
  });
  if (end !== "stopped") return openRun(request.out);
  throw new IolausError("cancelled", `${request.out}: stopped as asked; go on by resume (--resume)`);
}

function progressOf(row: ProgressRow): Progress {
  const { pass, fraction, resolutionAngstrom, changed, imagesPerSecond } = row;
  return { stage: "reconstruct", fraction, facts: { pass, resolutionAngstrom, changed, imagesPerSecond } };
}

/** `report`, called no more often; the first and the last of every stage come through. */
function atMostEvery(quietMs: number, report: OnProgress): OnProgress {
  let [stage, last] = ["", 0];
  return (progress) => {
    const now = performance.now();
    if (progress.stage === stage && progress.fraction < 1 && now - last < quietMs) return;
    [stage, last] = [progress.stage, now];
    report(progress);
  };
}

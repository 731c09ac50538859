/** @file A whole reconstruction in one call: particles in, run folder out, computed in a process of its own. */
import { checkCancelled, IolausError } from "../core/errors.js";
import type { OnProgress, Progress } from "../core/progress.js";
import { openRun, type Run } from "./open-run.js";
import { type ProgressRow, readProgress } from "./progress-log.js";
import { runFolder } from "./run-folder.js";
import { type RunInProgress, runInProgress, type Say } from "./run-in-progress.js";
import { checkRequest, type ReconstructionOptions } from "./run-options.js";
import { superviseRun } from "./supervise.js";

/** Least time between two reports of progress. */
const QUIET_MS = 250;

/**
 * Find species, poses, conformations and maps of the particles in a `.star` file (or a bare stack without CTF).
 * Await it for the run, which reads the run folder; or keep it, do other things, `stop()` it or await it later.
 * A stop is an IolausError `cancelled`; `resume: true` goes on from there.
 */
export function reconstruct(particles: string, options: ReconstructionOptions): RunInProgress {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, options.signal]);
  const isWatched = options.onProgress !== undefined || options.onStep !== undefined;
  return runInProgress(options.out, (say) => compute(particles, { ...options, signal }, say), {
    stop: () => stop.abort(),
    isWatched,
  });
}

async function compute(particles: string, options: ReconstructionOptions, say: Say): Promise<Run> {
  const { onProgress, onStep, signal, ...request } = options;
  checkRequest(request);
  checkCancelled(signal);
  const report = atMostEvery(QUIET_MS, (progress) => {
    onProgress?.(progress);
    say({ progress });
  });
  const log = runFolder(request.out).file("progress");
  let rows: ProgressRow[] | undefined;
  const end = await superviseRun(particles, request, {
    ...(signal && { signal }),
    onProgress: report,
    onStep(row) {
      rows ??= readProgress(log).filter(({ step }) => step < row.step); // of the run before it was resumed
      rows.push(row);
      onStep?.(row);
      say({ rows });
      report(progressOf(row));
    },
  });
  if (end !== "stopped") return openRun(request.out);
  throw new IolausError("cancelled", `${request.out}: stopped as asked; go on by resume (--resume)`);
}

/** A step in the words of `onProgress`. */
export function progressOf(row: ProgressRow): Progress {
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

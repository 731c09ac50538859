/**
 * @file A run under way: awaited for its result, watched meanwhile, stopped, or left alone and awaited later.
 *
 * Runs announce themselves on two channels of the process (node:diagnostics_channel), so that the notebook kernel, which
 * stands above this folder, can show a panel for each run and stop those that a cell waits for.
 */
import { type Channel, channel } from "node:diagnostics_channel";
import type { Progress } from "../core/progress.js";
import type { Run } from "./open-run.js";
import type { ProgressRow } from "./progress-log.js";

/** How the run stands. */
export interface RunReport {
  readonly state: "running" | "done" | "stopped" | "failed";
  /** What is being done, and how far it is. */
  readonly progress: Progress;
  /** One row per step so far. */
  readonly rows: readonly ProgressRow[];
  /** Why it ended, where it did not reach its end. */
  readonly reason?: string;
}

/** The promise of a finished run, with a hand on the run while it computes. */
export interface RunInProgress extends Promise<Run> {
  readonly kind: "run-in-progress";
  readonly folder: string;
  report(): RunReport;
  /** Calls `listener` at every change; the result ends that. */
  onReport(listener: (report: RunReport) => void): () => void;
  /** Ends the run within 2 s with a checkpoint, and waits until it has ended. Whoever awaits it gets a `cancelled` error. */
  stop(): Promise<void>;
}

/** What the first channel tells. */
export interface RunStarted {
  readonly run: RunInProgress;
  /** The same result as `run`; to wait for it is announced to nobody. */
  readonly result: Promise<Run>;
  /** Whether the caller shows its progress. */
  readonly isWatched: boolean;
}

/** A run has begun: RunStarted. */
export const runStarted: Channel<unknown, unknown> = channel("iolaus.run.started");
/** Somebody waits for a run, a RunInProgress, from now on. */
export const runAwaited: Channel<unknown, unknown> = channel("iolaus.run.awaited");

/** What the one who computes may say. */
export type Say = (change: Partial<RunReport>) => void;

/** `work` as a run in `folder`. `isWatched`: the caller shows its progress itself. */
export function runInProgress(
  folder: string,
  work: (say: Say) => Promise<Run>,
  options: { readonly stop: () => void; readonly isWatched: boolean },
): RunInProgress {
  let report: RunReport = { state: "running", progress: { stage: "start", fraction: 0 }, rows: [] };
  const listeners = new Set<(report: RunReport) => void>();
  const say: Say = (change) => {
    report = { ...report, ...change };
    for (const listener of listeners) listener(report);
  };
  const result = work(say).then(
    (run) => {
      const isDone = run.manifest.status !== "stopped";
      // A run that had ended before is only looked at: nobody has said how far it is.
      const whole = isDone && { progress: { ...report.progress, fraction: 1 } };
      say({ state: isDone ? "done" : "stopped", ...whole, ...reasonOf(run.manifest.reason) });
      return run;
    },
    (error: Error & { code?: string }) => {
      say({ state: error.code === "cancelled" ? "stopped" : "failed", reason: error.message });
      throw error;
    },
  );
  const run: RunInProgress = {
    kind: "run-in-progress",
    folder,
    report: () => report,
    onReport(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async stop() {
      options.stop();
      await result.catch(() => {});
    },
    // biome-ignore lint/suspicious/noThenProperty: it is a promise, and says when somebody waits for it
    then(onDone, onError) {
      runAwaited.publish(run);
      return result.then(onDone, onError);
    },
    catch: (onError) => run.then(undefined, onError),
    finally: (onEnd) => run.then().finally(onEnd),
    [Symbol.toStringTag]: "RunInProgress",
  };
  runStarted.publish({ run, result, isWatched: options.isWatched } satisfies RunStarted);
  return run;
}

function reasonOf(reason: string | undefined): { reason?: string } {
  return reason === undefined ? {} : { reason };
}

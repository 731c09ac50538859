/**
 * @file The runs of this kernel: each has a panel below its cell, and below a later cell that waits for it; Stop ends
 * those the cell waits for, and the end of the kernel ends all.
 *
 * Runs announce themselves on channels of the process (src/run/run-in-progress.ts), also those of another installation
 * of Iolaus beside the notebook.
 */
import { channel } from "node:diagnostics_channel";
import { type RunInProgress, type RunStarted, runAwaited, runStarted } from "#iolaus/run/run-in-progress.js";
import { displaySymbol } from "./mime-bundle.js";
import { type UpdatableOutput, updatableOutput } from "./rich-display.js";
import { createRunPanel } from "./run-panel.js";

/** Least time between two states of a panel. */
const QUIET_MS = 500;

interface LiveRun {
  /** Shows the panel in the cell at hand, unless it stands there already. */
  showHere(): void;
}

const running = new Map<RunInProgress, LiveRun>();
/** The cell at hand: its number, and the runs it waits for. */
let cell = 0;
const awaited = new Set<RunInProgress>();

/** From now on runs show themselves. Call once. */
export function watchRuns(): void {
  channel(runStarted.name).subscribe((message) => begin(message as RunStarted));
  channel(runAwaited.name).subscribe((message) => wait(message as RunInProgress));
}

/** A new cell, which waits for nothing yet. */
export function beginCell(): void {
  cell++;
  awaited.clear();
}

/** End the runs that the cell waits for, each with a checkpoint; false if there are none. */
export async function stopAwaited(): Promise<boolean> {
  const runs = [...awaited];
  await Promise.all(runs.map((run) => run.stop()));
  return runs.length > 0;
}

export async function stopAllRuns(): Promise<void> {
  await Promise.all(Array.from(running.keys(), (run) => run.stop()));
}

/** Show the panel of a run in the cell at hand; it goes on showing the run's progress. */
export function showRunHere(run: RunInProgress): void {
  running.get(run)?.showHere();
}

function begin({ run, result, isWatched }: RunStarted): void {
  running.set(run, isWatched ? { showHere() {} } : liveRun(run));
  const end = (): void => {
    running.delete(run);
    awaited.delete(run);
  };
  result.then(end, end); // whoever awaits the run hears of its failure; the panel says it to everybody else
}

function wait(run: RunInProgress): void {
  if (!running.has(run)) return;
  awaited.add(run);
  showRunHere(run);
}

function liveRun(run: RunInProgress): LiveRun {
  const output: UpdatableOutput = updatableOutput();
  const panel = createRunPanel(run.folder);
  const state = { [displaySymbol]: () => panel.bundle(run.report()) };
  let timer: NodeJS.Timeout | undefined;
  let last = performance.now();
  let shownIn = cell;
  const draw = (): void => {
    clearTimeout(timer);
    timer = undefined;
    output.show(state);
    last = performance.now();
  };
  draw();
  run.onReport((report) => {
    if (report.state !== "running") draw();
    else timer ??= setTimeout(draw, Math.max(0, last + QUIET_MS - performance.now()));
  });
  return {
    showHere() {
      if (shownIn !== cell) output.showHere(state);
      shownIn = cell;
    },
  };
}

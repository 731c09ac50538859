/**
 * @file A run that another process computes, watched through the files in its folder: a notebook takes up again what it
 * lost sight of, or follows what the command line began.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { IolausError } from "../core/errors.js";
import { openRun, type Run } from "./open-run.js";
import { progressOf } from "./reconstruction.js";
import { createRowReader } from "./row-reader.js";
import { runFolder } from "./run-folder.js";
import { type RunInProgress, runInProgress, type Say } from "./run-in-progress.js";
import { isAlive, readManifest } from "./run-manifest.js";

const LOOK_MS = 500;

/**
 * The run in `folder`, computed by another process of this machine, as `reconstruct` would have returned it.
 * A run that stands still already is one that has ended.
 */
export function attachRun(folder: string): RunInProgress {
  const { manifest } = openRun(folder); // refuses what is no run
  let asked = false;
  const stop = (): void => {
    asked = true;
    if (isAlive(manifest)) process.kill(manifest.process!.id, "SIGTERM");
  };
  return runInProgress(folder, (say) => follow(folder, say, () => asked), { stop, isWatched: false });
}

async function follow(folder: string, say: Say, wasStopped: () => boolean): Promise<Run> {
  const files = runFolder(folder);
  const newRows = createRowReader(files.file("progress"));
  const rows = [];
  for (;;) {
    const manifest = readManifest(files.file("manifest")); // before the rows: nothing is added once it has ended
    rows.push(...newRows());
    const last = rows.at(-1);
    say({ rows, progress: last === undefined ? { stage: "prepare", fraction: 0 } : progressOf(last) });
    if (isAlive(manifest)) await sleep(LOOK_MS);
    else if (manifest.status === "done") return openRun(folder);
    else if (wasStopped())
      throw new IolausError("cancelled", `${folder}: stopped as asked; go on by resume (--resume)`);
    else throw ended(folder, manifest.status === "running" ? "crashed" : manifest.status, manifest.reason);
  }
}

function ended(folder: string, how: string, reason = "its process is gone"): IolausError {
  return new IolausError(
    "failed",
    `${folder}: expected a run that goes on, got one that ${how} (${reason}); go on by resume (--resume)`,
  );
}

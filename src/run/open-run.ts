/** @file Read a run back from its folder, whoever computed it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { readVolume } from "../io/mrc.js";
import { type PassClasses, readClassHistory } from "./class-history.js";
import { type ParticleColumns, particleColumns, type RunParticles, readParticleTable } from "./particle-table.js";
import { type ProgressRow, readProgress } from "./progress-log.js";
import { runFolder } from "./run-folder.js";
import { type RunManifest, readManifest } from "./run-manifest.js";

/** A run in its folder. Files are read when asked for. */
export interface Run {
  readonly kind: "run";
  readonly folder: string;
  readonly manifest: RunManifest;
  /** The particle list that RELION reads. */
  readonly starPath: string;
  readonly reportPath: string;
  /** Keys, classes, poses, conformations, as arrays. */
  particles(): RunParticles;
  /** The same as columns of numbers and text: `new DataFrame(run.columns())`. */
  columns(): ParticleColumns;
  /** One map per class. */
  volumes(): readonly Volume[];
  /** Two per class, of half its particles each (run/data-maps.ts); null for a class of fewer than 20. */
  halfMaps(): readonly (readonly [Volume, Volume] | null)[];
  /** Which class every particle was in after each of the last passes, the oldest first; empty for other kinds of runs. */
  classHistory(): readonly PassClasses[];
  /** One row per step. */
  progress(): readonly ProgressRow[];
}

/** Open the run in `folder`, finished or not. Results are there once it ended by itself. */
export function openRun(folder: string): Run {
  const files = runFolder(folder);
  const manifestPath = files.file("manifest");
  check(existsSync(manifestPath), folder, "the folder of a run", "one without run.json", "check the path");
  const manifest = readManifest(manifestPath);
  const results = (path: string): string => {
    const advice = "let it go on by resume (--resume)";
    check(existsSync(path), join(folder, "run.json"), "a run with results", `one that is ${manifest.status}`, advice);
    return path;
  };
  const classCount = (): number => {
    results(files.volume(1));
    let K = 1;
    while (existsSync(files.volume(K + 1))) K++;
    return K;
  };
  const particles = (): RunParticles => readParticleTable(results(files.file("table")));
  return {
    kind: "run",
    folder,
    manifest,
    starPath: files.file("star"),
    reportPath: files.file("report"),
    particles,
    columns: () => particleColumns(particles()),
    volumes: () => Array.from({ length: classCount() }, (_, k) => readVolume(files.volume(k + 1))),
    halfMaps: () =>
      Array.from({ length: classCount() }, (_, k) => {
        const [first, second] = [files.halfMap(k + 1, 1), files.halfMap(k + 1, 2)];
        return existsSync(first) && existsSync(second) ? [readVolume(first), readVolume(second)] : null;
      }),
    classHistory: () => readClassHistory(files.file("classes")),
    progress: () => readProgress(files.file("progress")),
  };
}

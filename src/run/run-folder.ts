/** @file The folder of a run: which files it holds, who may begin one in it, and how an attempt leaves no trace. */
import { accessSync, constants, existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { check, IolausError } from "../core/errors.js";
import { makeFolder } from "./make-folder.js";
import { isAlive, readManifest } from "./run-manifest.js";

/** Names in a run folder. */
export const RUN_FILES = {
  manifest: "run.json",
  progress: "progress.jsonl",
  checkpoint: "checkpoint/latest.safetensors",
  classes: "checkpoint/classes.safetensors",
  prepared: "prepared.f32",
  preparedFacts: "prepared.safetensors",
  preview: "preview.json",
  star: "particles.star",
  table: "particles.csv",
  chimerax: "maps.cxc",
  report: "report.html",
} as const;

/** The map of a class, numbered from 1. */
export function volumeFile(classNumber: number): string {
  return `class_${String(classNumber).padStart(3, "0")}.mrc`;
}

/** One of its half maps. */
export function halfMapFile(classNumber: number, half: 1 | 2): string {
  return volumeFile(classNumber).replace(".mrc", `_half${half}.mrc`);
}

export interface RunFolder {
  /** As the caller wrote it, for messages. */
  readonly path: string;
  file(name: keyof typeof RUN_FILES): string;
  volume(classNumber: number): string;
  halfMap(classNumber: number, half: 1 | 2): string;
  /** Undo the claim: remove what this run made, the folder too if it was not there before. */
  abandon(): void;
}

/** The folder at `path`, whatever is in it. */
export function runFolder(path: string, abandon: () => void = () => {}): RunFolder {
  return {
    path,
    file: (name) => join(path, RUN_FILES[name]),
    volume: (classNumber) => join(path, volumeFile(classNumber)),
    halfMap: (classNumber, half) => join(path, halfMapFile(classNumber, half)),
    abandon,
  };
}

/** A folder for a new run: made, or found empty. */
export function claimFolder(path: string): RunFolder {
  const advice = "choose another folder as out (--out)";
  if (existsSync(path)) {
    check(statSync(path).isDirectory(), path, "a folder", "a file", advice);
    const names = readdirSync(path);
    if (names.includes(RUN_FILES.manifest)) {
      const { status } = readManifest(join(path, RUN_FILES.manifest));
      const there = `${path}: expected a new or empty folder, got a run that is ${status}`;
      throw new IolausError("bad-argument", `${there}; go on with it by resume (--resume), or ${advice}`);
    }
    check(names.length === 0, path, "a new or empty folder", `one that holds ${names[0]}`, advice);
  }
  const firstMade = makeFolder(path);
  try {
    accessSync(path, constants.W_OK);
  } catch {
    check(false, path, "a folder that can be written to", "one that cannot", advice);
  }
  return runFolder(path, () => {
    for (const name of ["checkpoint", ...Object.values(RUN_FILES)])
      rmSync(join(path, name), { recursive: true, force: true });
    removeLeftovers(path);
    if (firstMade !== undefined) rmSync(firstMade, { recursive: true, force: true });
  });
}

/** The folder of a run to go on with. */
export function reclaimFolder(path: string): RunFolder {
  const manifest = join(path, RUN_FILES.manifest);
  const advice = "leave out resume (--resume) to start a new run";
  check(existsSync(manifest), path, "the folder of a run", `one without ${RUN_FILES.manifest}`, advice);
  const found = readManifest(manifest);
  if (isAlive(found))
    throw new IolausError(
      "bad-argument",
      `${path}: expected a run that stands still, got one that process ${found.process?.id} computes; wait for it or stop it`,
    );
  removeLeftovers(path);
  return runFolder(path);
}

/** Files that a killed process was writing; their names are never those of finished ones. */
export function removeLeftovers(path: string): void {
  for (const folder of [path, join(path, "checkpoint")]) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder))
      if (/\.(tmp|partial)$/.test(name)) rmSync(join(folder, name), { force: true });
  }
}

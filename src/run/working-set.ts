/** @file The working set of a run, prepared once and kept in its folder: prepared.f32 (rows), prepared.safetensors (facts). */
import type { OnProgress } from "../core/progress.js";
import type { ParticleSource } from "../core/types.js";
import { type PreparedParticles, prepare } from "../imaging/prepare.js";
import type { RunFolder } from "./run-folder.js";
import type { Machinery, Settings } from "./run-options.js";

/** Prepare the particles, or take what an earlier start of the same run prepared. */
export function workingSet(
  source: ParticleSource,
  folder: RunFolder,
  request: {
    readonly settings: Settings;
    readonly machinery: Machinery;
    readonly onProgress?: OnProgress;
    readonly signal?: AbortSignal;
  },
): Promise<PreparedParticles> {
  const { settings, machinery, onProgress, signal } = request;
  const { box, diameterAngstrom, dataSign } = settings;
  return prepare(source, folder.file("prepared"), {
    ...{ box, diameterAngstrom, dataSign },
    ...(machinery.threads === 1 && { threads: 1 }),
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
}

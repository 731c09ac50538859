/** @file The images of a run as it saw them: its working set, taken from its folder or prepared again where it was deleted. */
import type { OnProgress } from "../core/progress.js";
import { openPrepared, type PreparedReader } from "../imaging/prepared-reader.js";
import { particleSet, positionsOf } from "../latent/particle-set.js";
import type { Run } from "./open-run.js";
import { openRunInput, type RunInputOptions } from "./open-run-input.js";
import { runFolder } from "./run-folder.js";
import { workingSet } from "./working-set.js";

export interface RunImagesOptions extends RunInputOptions {
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** Call `use` with a reader, and with what tells where particles of the run's table stand in the set; then close all. */
export async function withRunImages<T>(
  run: Run,
  options: RunImagesOptions,
  use: (reader: PreparedReader, placesOf: (rows: ArrayLike<number>) => Int32Array) => T,
): Promise<T> {
  const { settings, machinery } = run.manifest;
  const { particles, dataDir, ...hooks } = options;
  const source = await openRunInput(run.manifest, {
    ...(particles !== undefined && { particles }),
    ...(dataDir !== undefined && { dataDir }),
  });
  try {
    const set = await workingSet(source, runFolder(run.folder), { settings, machinery, ...hooks });
    const reader = openPrepared(set);
    const placesOf = (rows: ArrayLike<number>): Int32Array => {
      const { keys } = run.particles();
      return positionsOf(
        particleSet(source),
        Array.from(rows, (i) => keys[i]!),
        source.path,
      );
    };
    try {
      return use(reader, placesOf);
    } finally {
      reader.close();
    }
  } finally {
    source.close();
  }
}

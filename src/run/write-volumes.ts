/**
 * @file Maps along a path through a class in a folder: frame_01.mrc …, frames.csv (frame, z1 …, file), and movie.gif.
 *
 * Maps are written as they are decoded. A folder that holds something is refused; what fails leaves none behind.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import papaparse from "papaparse";
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { writeFileAtomic } from "../io/atomic.js";
import { writeVolume } from "../io/mrc.js";
import { latentSpace } from "../latent/latent-space.js";
import { type MovieOptions, movie } from "../plot/movie.js";
import { numberText } from "../plot/number-text.js";
import { pathAlongAxis, pathBetween } from "./latent-paths.js";
import type { Run } from "./open-run.js";
import { claimFolder } from "./run-folder.js";
import { type VolumesAlongOptions, volumesAlong } from "./volumes-along.js";

export interface WriteVolumesOptions extends VolumesAlongOptions {
  /** New or empty. */
  readonly out: string;
  /** Where to go: along an axis (from 1), from particle to particle (key, or position from 0), or to places. @default axis 1 */
  readonly path?:
    | { readonly axis: number }
    | { readonly from: string | number; readonly to: string | number; readonly way?: "data" | "straight" }
    | { readonly at: readonly ArrayLike<number>[] };
  /** Of an axis or between particles. @default 10 */
  readonly frames?: number;
  /** Write movie.gif too, drawn so. @default none */
  readonly movie?: Pick<MovieOptions, "kind" | "framesPerSecond">;
}

export interface WrittenVolumes {
  readonly out: string;
  /** Names of the maps, in the order of travel. */
  readonly files: readonly string[];
  readonly latents: readonly Float64Array[];
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  /** Where movie.gif was written. */
  readonly movie?: string;
}

/** Decode class `classNumber` (from 1) along a path and write what is there. */
export async function writeVolumes(
  run: Run,
  classNumber: number,
  options: WriteVolumesOptions,
): Promise<WrittenVolumes> {
  const { out, path = { axis: 1 }, frames = 10, movie: drawing, onProgress, ...decoding } = options;
  const latents = latentsOf(run, classNumber, path, frames);
  check(drawing === undefined || latents.length >= 2, "movie", "at least two frames", latents.length);
  const folder = claimFolder(out);
  const width = Math.max(2, String(latents.length).length);
  const files = latents.map((_, f) => `frame_${String(f + 1).padStart(width, "0")}.mrc`);
  const maps: Volume[] = [];
  try {
    let [box, pixelSizeAngstrom, done] = [0, 0, 0];
    for await (const volume of volumesAlong(run, classNumber, latents, decoding)) {
      writeVolume(join(out, files[done++]!), volume);
      ({ box, pixelSizeAngstrom } = volume);
      if (drawing !== undefined) maps.push(volume);
      onProgress?.({ stage: "volumes", fraction: done / latents.length });
    }
    const rows = latents.map((z, f) => ({ frame: f + 1, ...named(z), file: files[f] }));
    writeFileAtomic(join(out, "frames.csv"), `${papaparse.unparse(rows, { newline: "\n" })}\n`);
    const written = { out, files, latents, box, pixelSizeAngstrom };
    if (drawing === undefined) return written;
    const labels = latents.map((z) => `z = ${Array.from(z, numberText).join(", ")}`);
    const { bytes } = movie(maps, { title: `Motion of class ${classNumber}`, labels, ...drawing });
    writeFileAtomic(join(out, "movie.gif"), bytes);
    return { ...written, movie: join(out, "movie.gif") };
  } catch (error) {
    for (const name of [...files, "frames.csv", "movie.gif"]) rmSync(join(out, name), { force: true });
    folder.abandon();
    throw error;
  }
}

function latentsOf(
  run: Run,
  classNumber: number,
  path: NonNullable<WriteVolumesOptions["path"]>,
  frames: number,
): readonly Float64Array[] {
  const particles = run.particles();
  const space = latentSpace(particles, classNumber);
  if ("axis" in path) return pathAlongAxis(space, path.axis, frames);
  if ("from" in path) return pathBetween(space, path.from, path.to, { frames, ...(path.way && { way: path.way }) });
  check(path.at.length >= 1, "at", "at least one place", path.at.length);
  for (const z of path.at) {
    const isLatent = z.length === space.dimension || z.length === particles.zDim;
    check(isLatent, "at", `${space.dimension} numbers`, z.length);
  }
  return path.at.map((z) => Float64Array.from(z));
}

/** z1, z2 … */
function named(z: Float64Array): Record<string, number> {
  return Object.fromEntries(Array.from(z, (v, j) => [`z${j + 1}`, v]));
}

/** @file What is true of particles, from a STAR file with poses and classes: ours of simulations, or another program's. */
import { IolausError } from "../core/errors.js";
import type { Poses } from "../core/types.js";
import { imageKey, parseImageName } from "../io/image-path.js";
import { readStar } from "../io/star.js";
import { PIXEL_SIZE_LABELS, particleTables, readColumns, starPixelSize } from "../io/star-optics.js";
import { readPoses } from "../io/star-poses.js";
import { hasColumn, numberColumns, textColumns } from "../io/star-table.js";

export interface Truth {
  readonly path: string;
  readonly keys: readonly string[];
  /** Name of the species of every particle; its class number where the file has no names. */
  readonly species: readonly string[];
  readonly poses: Poses;
  /** Float64[count]: one coordinate of the conformation; null when the file has none. */
  readonly conformation: Float64Array | null;
}

/** Read a STAR file with rlnImageName, angles, origins and rlnClassNumber (one species where it is missing). */
export function readTruth(path: string): Truth {
  const star = readStar(path);
  const tables = particleTables(star);
  const { particles, block } = tables;
  const [names = []] = textColumns(particles, ["rlnImageName"]);
  const pixelSizeAngstrom = starPixelSize(path, readColumns(tables, PIXEL_SIZE_LABELS)) ?? 1;
  const poses = readPoses({ star, pixelSizeAngstrom });
  if (poses === undefined)
    throw new IolausError("bad-file", `${path}: expected rlnAngleRot, rlnAngleTilt and rlnAnglePsi, got none`);
  const label = ["iolausSpecies", "rlnClassNumber"].find((name) => hasColumn(particles, name));
  const conformation = hasColumn(particles, "iolausConformation")
    ? (numberColumns(particles, ["iolausConformation"], `${path} data_${block}`)[0] ?? null)
    : null;
  return {
    path,
    keys: names.map((name, i) => imageKey(parseImageName(name, `${path} data_${block} row ${i + 1}`))),
    species: label === undefined ? names.map(() => "all") : textColumns(particles, [label])[0]!,
    poses,
    conformation,
  };
}

/**
 * @file A cryoSPARC table, with its passthroughs, as a list of particles.
 *
 * The key of a particle is its uid. `blob/idx` counts from 0; `blob/path` begins at the folder of the project, with a
 * > before it where images were imported.
 */
import { IolausError } from "../core/errors.js";
import { csCtfs, csPixelSizes } from "./cs-ctf.js";
import { type CsParticles, joinCs, joinedNumbers, joinedTexts } from "./cs-join.js";
import { csStar } from "./cs-star.js";
import { readCs } from "./cs-table.js";
import { imageNames } from "./image-names.js";
import type { ParticleList } from "./particle-list.js";

export interface CsListOptions {
  readonly passthrough: readonly string[];
  /** False when the caller gives the pixel size. */
  readonly pixelSize: boolean;
}

/** Read the list. */
export function listCs(path: string, { passthrough, pixelSize }: CsListOptions): ParticleList {
  const particles = joinCs(readCs(path), passthrough.map(readCs));
  const paths = joinedTexts(particles, "blob/path");
  const indices = joinedNumbers(particles, "blob/idx");
  if (paths === null || indices === null)
    throw new IolausError(
      "bad-file",
      `${path}: expected blob/path and blob/idx, got a table without them; pass the passthrough file of the job (--passthrough)`,
    );
  const shapes = joinedNumbers(particles, "blob/shape");
  const pixelSizes = pixelSize ? checkedSizes(particles, path) : null;
  const isMixed = pixelSizes?.some((size) => Math.abs(size - pixelSizes[0]!) > 1e-4 * pixelSizes[0]!) ?? false;
  const names = imageNames(particles.count, (row) => ({ stack: paths[row]!.replace(/^>/, ""), index: indices[row]! }));
  return {
    path,
    names,
    keys: Array.from(particles.uids, String),
    pixelSizeAngstrom: isMixed ? null : (pixelSizes?.[0] ?? null),
    ...(isMixed && pixelSizes !== null && { pixelSizes }),
    original: { kind: "cs", particles },
    ctfs: () => csCtfs(particles),
    defocus: () => joinedNumbers(particles, "ctf/df1_A"),
    mayMix: isMixed || (shapes?.some((side) => side !== shapes[0]) ?? false),
    checkBox(boxOf) {
      const width = (shapes?.length ?? 0) / particles.count;
      const at = shapes?.findIndex((side, k) => side !== boxOf(Math.floor(k / width))) ?? -1;
      if (at < 0) return;
      const [other, box] = [shapes![at], boxOf(Math.floor(at / width))];
      const advice = "open the table of these images, or pass pixelSizeAngstrom (--pixel-size)";
      throw new IolausError(
        "bad-file",
        `${path}: expected images of ${other} px, as blob/shape says, got ${box} px; ${advice}`,
      );
    },
    star: (images) => csStar(path, particles, names, images),
  };
}

/** Å per pixel of every particle; null when the tables do not say. */
function checkedSizes(particles: CsParticles, path: string): Float64Array | null {
  const sizes = csPixelSizes(particles);
  const wrong = sizes?.find((size) => !(size > 0));
  if (wrong === undefined) return sizes;
  const advice = "pass pixelSizeAngstrom (--pixel-size)";
  throw new IolausError(
    "bad-file",
    `${path}: expected positive pixel sizes as blob/psize_A, got ${wrong} Å; ${advice}`,
  );
}

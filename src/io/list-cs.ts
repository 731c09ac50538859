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

/** Read the list. */
export function listCs(path: string, passthrough: readonly string[]): ParticleList {
  const particles = joinCs(readCs(path), passthrough.map(readCs));
  const paths = joinedTexts(particles, "blob/path");
  const indices = joinedNumbers(particles, "blob/idx");
  if (paths === null || indices === null)
    throw new IolausError(
      "bad-file",
      `${path}: expected blob/path and blob/idx, got a table without them; pass the passthrough file of the job (--passthrough)`,
    );
  const names = imageNames(particles.count, (row) => ({ stack: paths[row]!.replace(/^>/, ""), index: indices[row]! }));
  return {
    path,
    names,
    keys: Array.from(particles.uids, String),
    pixelSizeAngstrom: onePixelSize(particles, path),
    original: { kind: "cs", particles },
    ctfs: () => csCtfs(particles),
    defocus: () => joinedNumbers(particles, "ctf/df1_A"),
    mayMix: false,
    checkBox(boxOf) {
      const box = boxOf(0);
      const other = joinedNumbers(particles, "blob/shape")?.find((side) => side !== box);
      if (other === undefined) return;
      const advice = "open the table of these images, or pass pixelSizeAngstrom (--pixel-size)";
      throw new IolausError(
        "bad-file",
        `${path}: expected images of ${other} px, as blob/shape says, got ${box} px; ${advice}`,
      );
    },
    star: (images) => csStar(path, particles, names, images),
  };
}

function onePixelSize(particles: CsParticles, path: string): number | null {
  const sizes = csPixelSizes(particles);
  if (sizes === null) return null;
  const first = sizes[0]!;
  const other = sizes.find((size) => !(Math.abs(size - first) <= 1e-4 * first));
  if (first > 0 && other === undefined) return first;
  const got = other === undefined ? `${first} Å` : `${first} Å and ${other} Å`;
  const advice = "split the particles by pixel size, or pass pixelSizeAngstrom (--pixel-size)";
  throw new IolausError("bad-file", `${path}: expected one positive pixel size, got ${got}; ${advice}`);
}

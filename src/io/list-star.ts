/** @file A RELION STAR file (3.0, 3.1 and later) as a list of particles. */
import { IolausError } from "../core/errors.js";
import { imageKeys, parseImageNames } from "./image-names.js";
import type { ParticleList } from "./particle-list.js";
import { readStar } from "./star.js";
import { CTF_LABELS, starCtfs } from "./star-ctf.js";
import { mixedPixelSizes, PIXEL_SIZE_LABELS, particleTables, readColumns, starPixelSize } from "./star-optics.js";
import { textColumns } from "./star-table.js";

/** Read the list. `needs` says which numbers are asked for, so that the rows are gone through once. */
export function listStar(path: string, needs: { readonly ctf: boolean; readonly pixelSize: boolean }): ParticleList {
  const star = readStar(path);
  const tables = particleTables(star);
  const column = readColumns(tables, [
    ...(needs.pixelSize ? [...PIXEL_SIZE_LABELS, "rlnImageSize"] : []),
    ...(needs.ctf ? CTF_LABELS : []),
  ]);
  const [texts = []] = textColumns(tables.particles, ["rlnImageName"]);
  const names = parseImageNames(texts, `${path} data_${tables.block}`);
  const mayMix = (tables.optics?.rows.length ?? 0) > 1;
  const pixelSizes = needs.pixelSize && mayMix ? mixedPixelSizes(path, column) : undefined;
  return {
    path,
    names,
    keys: imageKeys(names),
    pixelSizeAngstrom: needs.pixelSize && pixelSizes === undefined ? starPixelSize(path, column) : null,
    pixelSizes,
    mayMix,
    original: { kind: "star", star },
    ctfs: () => starCtfs(path, column),
    defocus: () => readColumns(tables, ["rlnDefocusU"])("rlnDefocusU"),
    checkBox(boxOf) {
      if (needs.pixelSize) checkImageSize(path, column("rlnImageSize"), boxOf);
    },
    star: () => star,
  };
}

/** Images rescaled without their metadata would be taken at a wrong pixel size. */
function checkImageSize(path: string, sizes: Float64Array | null, boxOf: (index: number) => number): void {
  const row = sizes?.findIndex((size, i) => size !== boxOf(i)) ?? -1;
  if (row < 0) return;
  const [other, box] = [sizes![row], boxOf(row)];
  throw new IolausError(
    "bad-file",
    `${path}: expected images of ${other} px, as rlnImageSize says, got ${box} px; ` +
      "correct rlnImageSize and rlnImagePixelSize, or pass pixelSizeAngstrom (--pixel-size)",
  );
}

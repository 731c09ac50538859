/** @file A ctf.pkl beside a list of particles: rows pair by position, so what the list says of the CTF must agree. */
import { IolausError } from "../core/errors.js";
import { readCryodrgnCtfs } from "./cryodrgn.js";
import type { ParticleList } from "./particle-list.js";
import type { ParticleCtfs } from "./star-ctf.js";

/** Defocus in two files of one particle may be refined, but not be that of another micrograph. */
const SAME_DEFOCUS = 0.2;

/** The parameters, and the pixel size for images of `box`. Throws `bad-file` when they are of other particles. */
export function pickledCtfs(
  path: string,
  list: ParticleList,
  box: number,
): { readonly ctfs: ParticleCtfs; readonly pixelSizeAngstrom: number } {
  const ctfs = readCryodrgnCtfs(path);
  const { keys } = list;
  if (ctfs.count !== keys.length)
    throw new IolausError(
      "bad-file",
      `${path}: expected ${keys.length} rows, one per particle of ${list.path}, got ${ctfs.count}; was one of the two filtered?`,
    );
  const pixelSizeAngstrom = (ctfs.pixelSizeAngstrom * ctfs.box) / box;
  const known = list.pixelSizeAngstrom;
  if (known !== null && Math.abs(known - pixelSizeAngstrom) > 1e-3 * known)
    throw new IolausError(
      "bad-file",
      `${path}: expected ${known} Å per pixel of ${box}, as ${list.path} says, got ${pixelSizeAngstrom}; make the file again`,
    );
  const inList = list.defocus();
  const other = keys.findIndex((_, i) => {
    const [here, there] = [ctfs.defocus(i).uAngstrom, inList?.[i] ?? ctfs.defocus(i).uAngstrom];
    return Math.abs(here - there) > SAME_DEFOCUS * Math.abs(there);
  });
  if (other >= 0)
    throw new IolausError(
      "bad-file",
      `${path}: expected the defocus of ${keys[other]} in row ${other} (from 0), ${inList?.[other]} Å, ` +
        `got ${ctfs.defocus(other).uAngstrom} Å; its rows are those of another order or set`,
    );
  return { ctfs, pixelSizeAngstrom };
}

/**
 * @file Open particles: RELION's STAR files (3.0 and 3.1 on), cryoSPARC's tables, bare stacks, as a ParticleSource.
 *
 * Metadata is read at once, images one at a time from disk. Everything that can be checked without reading pixels
 * is checked here: files there and long enough, one even box, one pixel size, CTF known, every image named once.
 * The pixel size of the metadata wins over the headers of the stacks, which often say 0 or 1.
 */
import { check, IolausError } from "../core/errors.js";
import type { ParticleSource } from "../core/types.js";
import { readCryodrgnPoses } from "./cryodrgn.js";
import { pickledCtfs } from "./ctf-pkl.js";
import { exportStar } from "./export-star.js";
import { type ImageGrids, imageGrids } from "./image-grids.js";
import { listCs } from "./list-cs.js";
import { listStack, listTextFile } from "./list-stacks.js";
import { listStar } from "./list-star.js";
import { type OpenImages, openImages } from "./open-images.js";
import type { OriginalList, ParticleList } from "./particle-list.js";
import { StackPool } from "./stack-pool.js";
import type { StarFile } from "./star.js";
import { NO_CTF } from "./star-ctf.js";
import { poseColumns } from "./star-poses.js";

export interface OpenParticlesOptions {
  /** Folder at which the paths in the file begin. Tried before the folder of the file, those above it, and the working folder. */
  readonly dataDir?: string;
  /** Wins over what the files say. */
  readonly pixelSizeAngstrom?: number;
  /**
   * "none": the images carry no CTF, and columns that describe one are ignored. A bare stack without ctfPkl has no
   * other choice.
   * @default "file"
   */
  readonly ctf?: "file" | "none";
  /** Further `.cs` files of the same particles, joined on uid. */
  readonly passthrough?: readonly string[];
  /** A ctf.pkl of cryoDRGN's, one row per particle in the order of the file. Wins over the CTF in the file. */
  readonly ctfPkl?: string;
  /** A pose.pkl of cryoDRGN's, one row per particle in the order of the file. Wins over the poses in the file. */
  readonly posePkl?: string;
}

/** Particles with the list they came from, so that a selection can be written back. */
export interface Particles extends ParticleSource {
  /** The particles as a STAR file, poses and all: the file itself, or what another format becomes. */
  readonly star: StarFile;
  /** What an export filters: the input as it was. */
  readonly original: OriginalList;
  /** False when the CTF is 1 for every image. */
  readonly hasCtf: boolean;
}

/** Open the particles listed in a `.star`, `.cs` or `.txt` file, or those of a bare `.mrcs` or `.mrc` stack. */
export async function openParticles(path: string, options: OpenParticlesOptions = {}): Promise<Particles> {
  const { ctf = "file", pixelSizeAngstrom, ctfPkl, posePkl, dataDir } = options;
  check(ctf === "file" || ctf === "none", "ctf", '"file" or "none"', ctf);
  check(ctf === "file" || ctfPkl === undefined, "ctfPkl", 'no ctfPkl with ctf: "none"', ctfPkl);
  const isPositive = pixelSizeAngstrom === undefined || (pixelSizeAngstrom > 0 && Number.isFinite(pixelSizeAngstrom));
  check(isPositive, "pixelSizeAngstrom", "a positive length in Å", pixelSizeAngstrom);
  const pool = new StackPool();
  try {
    const list = readList(path, options, pool);
    const images = openImages(list, pool, dataDir);
    if (pixelSizeAngstrom === undefined) list.checkBox(images.boxOf);
    const pickled = ctfPkl === undefined ? undefined : pickledCtfs(ctfPkl, list, images.box);
    const size = pixelSizeAngstrom ?? list.pixelSizeAngstrom ?? pickled?.pixelSizeAngstrom ?? images.pixelSizeAngstrom;
    const sizes = pixelSizeAngstrom === undefined ? list.pixelSizes : undefined;
    const uniform = sizes === undefined ? (size ?? refusePixelSize(path)) : undefined;
    const facts = imageGrids(list.keys.length, (i) => ({
      box: images.boxOf(i),
      pixelSizeAngstrom: uniform ?? sizes![i]!,
    }));
    const ctfs = ctf === "none" ? NO_CTF : (pickled?.ctfs ?? list.ctfs());
    return source(list, { facts, ctfs, hasCtf: ctf === "file", images, pool, star: starOf(list, facts, posePkl) });
  } catch (error) {
    pool.close();
    throw error;
  }
}

function readList(path: string, options: OpenParticlesOptions, pool: StackPool): ParticleList {
  const { ctf, ctfPkl, pixelSizeAngstrom, passthrough = [], dataDir } = options;
  const isCs = /\.cs$/i.test(path);
  check(
    isCs || passthrough.length === 0,
    "passthrough",
    "none, as the particles are no .cs file",
    passthrough.join(", "),
  );
  if (isCs) return listCs(path, { passthrough, pixelSize: pixelSizeAngstrom === undefined });
  if (/\.star$/i.test(path))
    return listStar(path, { ctf: ctf !== "none" && ctfPkl === undefined, pixelSize: pixelSizeAngstrom === undefined });
  if (/\.mrcs?$/i.test(path)) return listStack(path, pool);
  if (/\.txt$/i.test(path)) return listTextFile(path, pool, dataDir);
  const advice = /\.gz$/i.test(path) ? "gunzip it first" : "export the particles as .star";
  throw new IolausError("unsupported", `${path}: expected a .star, .cs, .mrcs, .mrc or .txt file; ${advice}`);
}

/** Made when asked for, once: a table of cryoSPARC's needs time to become one. */
function starOf(list: ParticleList, facts: ImageGrids, posePkl: string | undefined): () => StarFile {
  const poses = posePkl === undefined ? undefined : readCryodrgnPoses(posePkl, facts);
  if (poses !== undefined && poses.rotations.count !== list.keys.length)
    throw new IolausError(
      "bad-file",
      `${posePkl}: expected ${list.keys.length} poses, one per particle of ${list.path}, got ${poses.rotations.count}; ` +
        "was one of the two filtered?",
    );
  let made: StarFile | undefined;
  return () => {
    if (made !== undefined) return made;
    const star = list.star(facts);
    made = poses === undefined ? star : exportStar({ star }, { added: poseColumns({ star, ...facts }, poses) });
    return made;
  };
}

function refusePixelSize(path: string): never {
  const advice = "pass pixelSizeAngstrom (--pixel-size)";
  throw new IolausError("bad-file", `${path}: expected a pixel size in the metadata or the stack, got none; ${advice}`);
}

function source(
  { path, keys, original }: ParticleList,
  parts: {
    readonly facts: ImageGrids;
    readonly ctfs: Pick<ParticleSource, "optics" | "defocus">;
    readonly hasCtf: boolean;
    readonly images: Pick<OpenImages, "readImage" | "files">;
    readonly pool: StackPool;
    readonly star: () => StarFile;
  },
): Particles {
  const { facts, ctfs, hasCtf, images, pool, star } = parts;
  const checkIndex = (index: number): void =>
    check(Number.isInteger(index) && index >= 0 && index < keys.length, "index", `0..${keys.length - 1}`, index);
  return {
    kind: "particle-source",
    path,
    original,
    hasCtf,
    get star() {
      return star();
    },
    ...facts,
    files: images.files,
    count: keys.length,
    keys,
    optics(index) {
      checkIndex(index);
      return ctfs.optics(index);
    },
    defocus(index) {
      checkIndex(index);
      return ctfs.defocus(index);
    },
    readImage(index, out) {
      checkIndex(index);
      return images.readImage(index, out);
    },
    close: () => pool.close(),
  };
}

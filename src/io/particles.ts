/**
 * @file Open particles: a RELION STAR file (3.0 and 3.1 on) or a bare stack, as a ParticleSource.
 *
 * Metadata is read at once, images one at a time from disk. Everything that can be checked without reading pixels
 * is checked here: files there and long enough, one even box, one pixel size, CTF known, every image named once.
 * The pixel size of the metadata wins over the headers of the stacks, which often say 0 or 1.
 */
import { check, IolausError } from "../core/errors.js";
import type { ParticleSource } from "../core/types.js";
import { findStack, type ImageName, imageKey, parseImageName } from "./image-path.js";
import { StackPool } from "./stack-pool.js";
import { readStar, type StarFile } from "./star.js";
import { CTF_LABELS, NO_CTF, type ParticleCtfs, starCtfs } from "./star-ctf.js";
import { particleStar } from "./star-new.js";
import { type ParticleTables, PIXEL_SIZE_LABELS, particleTables, readColumns, starPixelSize } from "./star-optics.js";
import { textColumns } from "./star-table.js";

export interface OpenParticlesOptions {
  /** Folder at which the paths in the file begin. Tried before the folder of the file, those above it, and the working folder. */
  readonly dataDir?: string;
  /** Wins over what the files say. */
  readonly pixelSizeAngstrom?: number;
  /**
   * "none": the images carry no CTF, and columns that describe one are ignored. A bare stack has no other choice.
   * @default "file"
   */
  readonly ctf?: "file" | "none";
}

/** Particles with the STAR file that lists them, so that a selection can be written back. */
export interface StarParticles extends ParticleSource {
  readonly star: StarFile;
  /** False when the CTF is 1 for every image. */
  readonly hasCtf: boolean;
}

/** Open the particles listed in a `.star` file, or those of a bare `.mrcs` or `.mrc` stack. */
export async function openParticles(path: string, options: OpenParticlesOptions = {}): Promise<StarParticles> {
  const { ctf = "file", pixelSizeAngstrom } = options;
  check(ctf === "file" || ctf === "none", "ctf", '"file" or "none"', ctf);
  const isPositive = pixelSizeAngstrom === undefined || (pixelSizeAngstrom > 0 && Number.isFinite(pixelSizeAngstrom));
  check(isPositive, "pixelSizeAngstrom", "a positive length in Å", pixelSizeAngstrom);
  if (/\.star$/i.test(path)) return openStar(path, options);
  if (/\.mrcs?$/i.test(path)) return openStack(path, options);
  throw new IolausError("unsupported", `${path}: expected a .star, .mrcs or .mrc file; export the particles as .star`);
}

function openStar(path: string, options: OpenParticlesOptions): StarParticles {
  const star = readStar(path);
  const tables = particleTables(star);
  const hasCtf = options.ctf !== "none";
  const column = readColumns(tables, [...PIXEL_SIZE_LABELS, "rlnImageSize", ...(hasCtf ? CTF_LABELS : [])]);
  const ctfs = hasCtf ? starCtfs(path, column) : NO_CTF;
  const pool = new StackPool();
  const images = locateImages(tables, pool, options.dataDir);
  if (options.pixelSizeAngstrom === undefined) checkImageSize(path, column("rlnImageSize"), images.box);
  const pixelSizeAngstrom =
    options.pixelSizeAngstrom ?? starPixelSize(path, column) ?? images.pixelSizeAngstrom ?? refusePixelSize(path);
  return source({ path, star, images, pool, ctfs, hasCtf, pixelSizeAngstrom });
}

function openStack(path: string, options: OpenParticlesOptions): StarParticles {
  if (options.ctf !== "none")
    throw new IolausError(
      "bad-argument",
      `${path}: expected CTF parameters with the particles, got a bare stack; open its .star file, ` +
        'or pass ctf: "none" (--ctf none) if the images carry no CTF',
    );
  const pool = new StackPool();
  const { count, nx, ny, pixelSizeAngstrom: inHeader } = pool.get(path);
  checkBox(path, nx, ny);
  const pixelSizeAngstrom = options.pixelSizeAngstrom ?? inHeader ?? refusePixelSize(path);
  const names = Array.from({ length: count }, (_, index): ImageName => ({ index, stack: path }));
  const star = particleStar({
    path,
    opticsGroups: [{ name: "opticsGroup1", box: nx, pixelSizeAngstrom }],
    particles: { rlnImageName: names.map(imageKey), rlnOpticsGroup: new Int32Array(count).fill(1) },
  });
  const images: Images = {
    names,
    keys: names.map(imageKey),
    files: new Map([[path, path]]),
    box: nx,
    pixelSizeAngstrom,
  };
  return source({ path, star, images, pool, ctfs: NO_CTF, hasCtf: false, pixelSizeAngstrom });
}

/** The images of a list, each with its file. */
interface Images {
  readonly names: readonly ImageName[];
  readonly keys: readonly string[];
  /** Name of a stack in the list → file. */
  readonly files: ReadonlyMap<string, string>;
  readonly box: number;
  /** From the header of the first stack. */
  readonly pixelSizeAngstrom: number | null;
}

function locateImages(tables: ParticleTables, pool: StackPool, dataDir: string | undefined): Images {
  const { path, block, particles } = tables;
  const [texts = []] = textColumns(particles, ["rlnImageName"]);
  const names = texts.map((text, i) => parseImageName(text, `${path} data_${block} row ${i + 1}`));
  const keys = names.map(imageKey);
  checkUnique(path, keys);
  const files = new Map<string, string>();
  const needed = new Map<string, number>();
  for (const { stack, index } of names) needed.set(stack, Math.max(index + 1, needed.get(stack) ?? 0));
  let first: { readonly file: string; readonly box: number; readonly pixelSizeAngstrom: number | null } | undefined;
  for (const [name, atLeast] of needed) {
    const file = findStack(name, path, dataDir);
    const { count, nx, ny, pixelSizeAngstrom } = pool.get(file);
    checkBox(file, nx, ny);
    if (count < atLeast)
      throw new IolausError(
        "bad-file",
        `${path}: expected at least ${atLeast} images in ${file}, got ${count}; ` +
          "the list and the stack are not of the same extraction, or the stack was cut short",
      );
    first ??= { file, box: nx, pixelSizeAngstrom };
    if (nx !== first.box)
      throw new IolausError(
        "bad-file",
        `${path}: expected images of one box, got ${first.box} in ${first.file} and ${nx} in ${file}; ` +
          "rescale or split the particles",
      );
    files.set(name, file);
  }
  if (first === undefined) throw new IolausError("internal", `${path}: no stack after a table with rows`);
  return { names, keys, files, box: first.box, pixelSizeAngstrom: first.pixelSizeAngstrom };
}

function checkUnique(path: string, keys: readonly string[]): void {
  const rowOf = new Map<string, number>();
  keys.forEach((key, row) => {
    const earlier = rowOf.get(key);
    if (earlier !== undefined)
      throw new IolausError(
        "bad-file",
        `${path}: expected every image once, got ${key} in rows ${earlier + 1} and ${row + 1}; ` +
          "remove the duplicates (of a symmetry expansion, say)",
      );
    rowOf.set(key, row);
  });
}

function checkBox(file: string, nx: number, ny: number): void {
  if (nx === ny && nx % 2 === 0) return;
  const advice = "crop or pad the images to an even square";
  throw new IolausError("bad-file", `${file}: expected square images with an even side, got ${nx}×${ny}; ${advice}`);
}

/** Images rescaled without their metadata would be taken at a wrong pixel size. */
function checkImageSize(path: string, sizes: Float64Array | null, box: number): void {
  const other = sizes?.find((size) => size !== box);
  if (other === undefined) return;
  throw new IolausError(
    "bad-file",
    `${path}: expected images of ${other} px, as rlnImageSize says, got ${box} px; ` +
      "correct rlnImageSize and rlnImagePixelSize, or pass pixelSizeAngstrom (--pixel-size)",
  );
}

function refusePixelSize(path: string): never {
  const advice = "pass pixelSizeAngstrom (--pixel-size)";
  throw new IolausError("bad-file", `${path}: expected a pixel size in the metadata or the stack, got none; ${advice}`);
}

function source(parts: {
  readonly path: string;
  readonly star: StarFile;
  readonly images: Images;
  readonly pool: StackPool;
  readonly ctfs: ParticleCtfs;
  readonly hasCtf: boolean;
  readonly pixelSizeAngstrom: number;
}): StarParticles {
  const { images, pool, ctfs, ...facts } = parts;
  const { names, keys, files, box } = images;
  const checkIndex = (index: number): void =>
    check(Number.isInteger(index) && index >= 0 && index < names.length, "index", `0..${names.length - 1}`, index);
  return {
    kind: "particle-source",
    ...facts,
    count: names.length,
    box,
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
      const { stack, index: within } = names[index]!;
      return pool.get(files.get(stack)!).readImage(within, out);
    },
    close: () => pool.close(),
  };
}

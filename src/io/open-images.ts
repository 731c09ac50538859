/** @file The images that a list names, found on disk and checked without reading pixels: there, long enough, square and even. */
import { IolausError } from "../core/errors.js";
import type { ImageNames } from "./image-names.js";
import { findStack } from "./image-path.js";
import type { StackPool } from "./stack-pool.js";

/** Images ready to be read. */
export interface OpenImages {
  /** Of the first image. */
  readonly box: number;
  boxOf(index: number): number;
  /** From the header of the first stack; null when that does not say. */
  readonly pixelSizeAngstrom: number | null;
  /** The stacks on disk. */
  readonly files: readonly string[];
  /** Float32[box box]. */
  readImage(index: number, out?: Float32Array): Float32Array;
}

/** Find the images named in the file `path`, whose particles are called `keys`. Every image may be named once. */
export function openImages(
  list: {
    readonly path: string;
    readonly names: ImageNames;
    readonly keys: readonly string[];
    readonly mayMix: boolean;
  },
  pool: StackPool,
  dataDir: string | undefined,
): OpenImages {
  const { path, names } = list;
  const needed = new Int32Array(names.stacks.length);
  for (let i = 0; i < names.count; i++)
    needed[names.stackOf[i]!] = Math.max(needed[names.stackOf[i]!]!, names.indexOf[i]! + 1);
  let first: { readonly file: string; readonly box: number; readonly pixelSizeAngstrom: number | null } | undefined;
  const boxes: number[] = [];
  const files = names.stacks.map((name, s) => {
    const file = findStack(name, path, dataDir);
    const { count, nx, ny, pixelSizeAngstrom } = pool.get(file);
    checkBox(file, nx, ny);
    if (count < needed[s]!)
      throw new IolausError(
        "bad-file",
        `${path}: expected at least ${needed[s]} images in ${file}, got ${count}; ` +
          "the list and the stack are not of the same extraction, or the stack was cut short",
      );
    first ??= { file, box: nx, pixelSizeAngstrom };
    if (nx !== first.box && !list.mayMix)
      throw new IolausError(
        "bad-file",
        `${path}: expected images of one box, got ${first.box} in ${first.file} and ${nx} in ${file}; ` +
          "rescale or split the particles",
      );
    boxes.push(nx);
    return file;
  });
  if (first === undefined) throw new IolausError("internal", `${path}: no stack in a list with particles`);
  checkUnique(list, needed);
  return {
    box: boxes[names.stackOf[0]!]!,
    boxOf: (i) => boxes[names.stackOf[i]!]!,
    pixelSizeAngstrom: first.pixelSizeAngstrom,
    files,
    readImage: (i, out) => pool.get(files[names.stackOf[i]!]!).readImage(names.indexOf[i]!, out),
  };
}

function checkUnique(
  { path, names, keys }: { readonly path: string; readonly names: ImageNames; readonly keys: readonly string[] },
  needed: Int32Array,
): void {
  const seen = Array.from(needed, (count) => new Uint8Array(count));
  for (let row = 0; row < names.count; row++) {
    const [stack, index] = [names.stackOf[row]!, names.indexOf[row]!];
    if (seen[stack]![index] === 1) {
      const isSame = (_: number, i: number): boolean => names.stackOf[i] === stack && names.indexOf[i] === index;
      const earlier = names.stackOf.findIndex(isSame);
      throw new IolausError(
        "bad-file",
        `${path}: expected every image once, got ${keys[row]} in rows ${earlier + 1} and ${row + 1}; ` +
          "remove the duplicates (of a symmetry expansion, say)",
      );
    }
    seen[stack]![index] = 1;
  }
}

function checkBox(file: string, nx: number, ny: number): void {
  if (nx === ny && nx % 2 === 0) return;
  const advice = "crop or pad the images to an even square";
  throw new IolausError("bad-file", `${file}: expected square images with an even side, got ${nx}×${ny}; ${advice}`);
}

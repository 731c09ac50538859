/** @file What every list of particles tells, whatever its format: which images, which keys, how they were taken. */
import type { ImageGrid } from "../core/types.js";
import type { CsParticles } from "./cs-join.js";
import type { ImageNames } from "./image-names.js";
import type { StarFile } from "./star.js";
import type { ParticleCtfs } from "./star-ctf.js";

/** What an export filters. */
export type OriginalList =
  | { readonly kind: "star"; readonly star: StarFile }
  | { readonly kind: "cs"; readonly particles: CsParticles }
  | { readonly kind: "stacks" };

/** What is known once the images are open. */
export interface ImageFacts extends ImageGrid {
  /** Present where images differ in side or pixel size. */
  readonly gridOf?: (index: number) => ImageGrid;
}

export interface ParticleList {
  readonly path: string;
  readonly names: ImageNames;
  /** What identifies each particle for ever. */
  readonly keys: readonly string[];
  /** From the metadata; null when they do not say. */
  readonly pixelSizeAngstrom: number | null;
  /** Å, of every particle, where they differ in it; then `pixelSizeAngstrom` is null. */
  readonly pixelSizes?: Float64Array | undefined;
  /** Whether images may differ in side and pixel size: the list says which is which. */
  readonly mayMix: boolean;
  readonly original: OriginalList;
  /** CTF parameters. Throws `bad-file` when the list has none. */
  ctfs(): ParticleCtfs;
  /** Defocus U of every particle, Å, where the list has it: to recognise rows of another order. */
  defocus(): ArrayLike<number> | null;
  /** Throw `bad-file` when the metadata are those of images of another size. */
  checkBox(boxOf: (index: number) => number): void;
  /** The list as a STAR file: itself, or what it becomes. */
  star(images: ImageFacts): StarFile;
}

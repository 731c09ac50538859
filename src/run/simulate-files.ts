/**
 * @file Simulated particles as files: particles.mrcs and particles.star as a microscope's programs would leave them,
 * without poses, and what is true of them apart, in truth.star.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RADIANS_PER_DEGREE } from "../core/constants.js";
import { check, checkCancelled, IolausError } from "../core/errors.js";
import type { OnProgress } from "../core/progress.js";
import { rotationsOf } from "../geometry/rotation.js";
import { JUNK_KINDS } from "../imaging/junk.js";
import { type Recipe, simulate, type Truth } from "../imaging/simulate.js";
import { reading } from "../io/file-access.js";
import { createStackWriter } from "../io/mrc-stack.js";
import { particleStar } from "../io/star-new.js";
import { poseColumns } from "../io/star-poses.js";
import type { StarColumns } from "../io/star-table.js";
import { writeStar } from "../io/star-write.js";
import { makeFolder } from "./make-folder.js";

export interface SimulateOptions {
  /** New, empty, or without files of these names. */
  readonly out: string;
  /** Images in all, shared out as in the recipe. @default the recipe's */
  readonly images?: number;
  /** @default the recipe's */
  readonly seed?: number;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export interface SimulatedFiles {
  readonly stack: string;
  readonly particles: string;
  readonly truth: string;
}

const NAMES = { stack: "particles.mrcs", particles: "particles.star", truth: "truth.star" } as const;

/** Read a recipe from its JSON file. */
export function readRecipe(path: string): Recipe {
  const text = reading(path, () => readFileSync(path, "utf8"));
  let recipe: Partial<Recipe>;
  try {
    recipe = JSON.parse(text);
  } catch (cause) {
    const message = `${path}: expected a recipe as JSON, got ${cause instanceof Error ? cause.message : cause}`;
    throw new IolausError("bad-file", message, { cause });
  }
  const needed = ["seed", "box", "pixelSizeAngstrom", "counts", "species", "beadSigmaAngstrom", "snr"] as const;
  const more = ["shiftAngstrom", "optics", "defocusAngstrom", "astigmatismAngstrom"] as const;
  const missing = [...needed, ...more].filter((name) => recipe[name] === undefined);
  if (missing.length === 0) return recipe as Recipe;
  const advice = "datasets/demo/recipe.json shows a whole one";
  throw new IolausError("bad-file", `${path}: expected a recipe, got one without ${missing.join(", ")}; ${advice}`);
}

/** The recipe with other numbers of images or another seed. */
export function changedRecipe(recipe: Recipe, change: { readonly images?: number; readonly seed?: number }): Recipe {
  const { images, seed = recipe.seed } = change;
  if (images === undefined) return { ...recipe, seed };
  check(Number.isInteger(images) && images >= 1, "images", "a whole number of at least 1", images);
  // Rounding the running total keeps the sum exact.
  const kinds = JUNK_KINDS.filter((kind) => recipe.junk?.[kind] !== undefined);
  const sizes = [...recipe.counts, ...kinds.map((kind) => recipe.junk![kind]!)];
  const total = sizes.reduce((sum, n) => sum + n, 0);
  const ends = sizes.map((_, s) => Math.round((images * sizes.slice(0, s + 1).reduce((sum, n) => sum + n, 0)) / total));
  const shares = ends.map((end, s) => end - (ends[s - 1] ?? 0));
  const junk = Object.fromEntries(kinds.map((kind, i) => [kind, shares[recipe.counts.length + i]!]));
  const counts = shares.slice(0, recipe.counts.length);
  return { ...recipe, seed, counts, ...(kinds.length > 0 && { junk }) };
}

/** Write the images of a recipe and their truth. */
export function simulateFiles(recipe: Recipe, options: SimulateOptions): SimulatedFiles {
  const { out, onProgress, signal } = options;
  const changed = changedRecipe(recipe, options);
  const [stack, particles, truth] = [NAMES.stack, NAMES.particles, NAMES.truth].map((name) => join(out, name));
  const files = { stack: stack!, particles: particles!, truth: truth! };
  for (const file of Object.values(files))
    check(!existsSync(file), file, "no such file yet", "one that is there", "choose another folder as out (--out)");
  makeFolder(out);
  const writer = createStackWriter(files.stack, changed);
  const truths: Truth[] = [];
  const count = [...changed.counts, ...Object.values(changed.junk ?? {})].reduce((sum, n) => sum + n, 0);
  try {
    for (const image of simulate(changed)) {
      checkCancelled(signal);
      writer.append(image.pixels);
      truths.push(image.truth);
      if (truths.length % 20 === 0) onProgress?.({ stage: "simulate", fraction: truths.length / count });
    }
    writer.close();
  } catch (error) {
    writer.discard();
    throw error;
  }
  writeStar(files.truth, truthStar(changed, truths));
  writeStar(files.particles, listOf(changed, imageColumns(truths)));
  onProgress?.({ stage: "simulate", fraction: 1 });
  return files;
}

function listOf(recipe: Recipe, particles: StarColumns): ReturnType<typeof particleStar> {
  const { box, pixelSizeAngstrom, optics } = recipe;
  return particleStar({ opticsGroups: [{ name: "opticsGroup1", box, pixelSizeAngstrom, optics }], particles });
}

function imageColumns(truths: readonly Truth[]): StarColumns {
  const phase = truths.map(({ defocus }) => defocus.phaseShiftRad / RADIANS_PER_DEGREE);
  return {
    rlnImageName: truths.map((_, index) => `${String(index + 1).padStart(6, "0")}@${NAMES.stack}`),
    rlnOpticsGroup: truths.map(() => 1),
    rlnDefocusU: truths.map(({ defocus }) => defocus.uAngstrom),
    rlnDefocusV: truths.map(({ defocus }) => defocus.vAngstrom),
    rlnDefocusAngle: truths.map(({ defocus }) => defocus.angleRad / RADIANS_PER_DEGREE),
    ...(phase.some((angle) => angle !== 0) && { rlnPhaseShift: phase }),
  };
}

/** The particle list with poses and species (as classes, from 1; 0: junk), the species' names and the hinge coordinate. */
function truthStar(recipe: Recipe, truths: readonly Truth[]): ReturnType<typeof particleStar> {
  const bare = listOf(recipe, imageColumns(truths));
  const poses = {
    rotations: rotationsOf(truths.map(({ rotation }) => rotation)),
    shiftsAngstrom: Float64Array.from(truths.flatMap(({ shiftAngstrom }) => [...shiftAngstrom])),
  };
  return listOf(recipe, {
    ...imageColumns(truths),
    ...poseColumns({ star: bare, pixelSizeAngstrom: recipe.pixelSizeAngstrom }, poses),
    rlnClassNumber: truths.map(({ species }) => species + 1),
    iolausSpecies: truths.map(({ species }) => recipe.species[species]?.name ?? "junk"),
    iolausConformation: truths.map(({ z }) => z),
  });
}

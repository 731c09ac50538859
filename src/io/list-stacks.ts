/**
 * @file Bare stacks as a list of particles: one `.mrcs` or `.mrc`, or a `.txt` that names one per line.
 *
 * Stacks of a `.txt` count one after the other; their paths begin at its folder. Blank lines and lines that begin
 * with # are left out.
 */
import { readFileSync } from "node:fs";
import { IolausError } from "../core/errors.js";
import { reading } from "./file-access.js";
import { imageKeys, imageNames } from "./image-names.js";
import { findStack } from "./image-path.js";
import type { ParticleList } from "./particle-list.js";
import type { StackPool } from "./stack-pool.js";
import { particleStar } from "./star-new.js";

/** One stack. */
export function listStack(path: string, pool: StackPool): ParticleList {
  return listOf(path, [path], [pool.get(path).count]);
}

/** The stacks named in a text file. */
export function listTextFile(path: string, pool: StackPool, dataDir: string | undefined): ParticleList {
  const stacks = parseStackList(
    reading(path, () => readFileSync(path, "utf8")),
    path,
  );
  return listOf(
    path,
    stacks,
    stacks.map((stack) => pool.get(findStack(stack, path, dataDir)).count),
  );
}

/** The stacks named in the text of such a file. `path` appears in messages only. */
export function parseStackList(text: string, path = "<memory>"): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const stacks = lines.filter((line) => line !== "" && !line.startsWith("#"));
  const other = stacks.find((stack) => !/\.mrcs?$/i.test(stack));
  if (other !== undefined || stacks.length === 0)
    throw new IolausError(
      "bad-file",
      `${path}: expected one .mrcs or .mrc file per line, got ${other === undefined ? "none" : JSON.stringify(other.slice(0, 80))}`,
    );
  return stacks;
}

function listOf(path: string, stacks: readonly string[], counts: readonly number[]): ParticleList {
  const count = counts.reduce((sum, n) => sum + n, 0);
  let [stack, index] = [0, 0];
  const names = imageNames(count, () => {
    while (index >= counts[stack]!) [stack, index] = [stack + 1, 0];
    return { stack: stacks[stack]!, index: index++ };
  });
  const keys = imageKeys(names);
  return {
    path,
    names,
    keys,
    pixelSizeAngstrom: null,
    original: { kind: "stacks" },
    ctfs() {
      throw new IolausError(
        "bad-argument",
        `${path}: expected CTF parameters with the particles, got a bare stack; open its .star or .cs file, ` +
          'pass ctfPkl (--ctf-pkl), or ctf: "none" (--ctf none) if the images carry no CTF',
      );
    },
    defocus: () => null,
    mayMix: false,
    checkBox: () => {},
    star: ({ box, pixelSizeAngstrom }) =>
      particleStar({
        path,
        opticsGroups: [{ name: "opticsGroup1", box, pixelSizeAngstrom }],
        particles: { rlnImageName: keys, rlnOpticsGroup: new Int32Array(count).fill(1) },
      }),
  };
}

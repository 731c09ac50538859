/** @file Runs that found what is true of simulated particles: folders as a reconstruction leaves them, with known numbers in. */
import { beadModel, beadVolume } from "../../src/imaging/bead-model.js";
import type { Recipe } from "../../src/imaging/simulate.js";
import { writeVolume } from "../../src/io/mrc.js";
import { openRun, type Run } from "../../src/run/open-run.js";
import { type RunParticles, writeParticleTable } from "../../src/run/particle-table.js";
import { runLoop } from "../../src/run/run-loop.js";
import { type SimulatedFiles, simulateFiles } from "../../src/run/simulate-files.js";
import { readTruth } from "../../src/run/truth.js";
import { fakeReconstruct } from "./fake-reconstruction.js";

export interface KnownSet {
  readonly recipe: Recipe;
  readonly files: SimulatedFiles;
  /** Species in order of name: class 1, 2, … of `particles`. */
  readonly names: readonly string[];
  /** The table of a run that found everything. */
  readonly particles: RunParticles;
}

/** Simulate particles and say what a perfect run says of them. */
export function knownSet(recipe: Recipe, out: string): KnownSet {
  const files = simulateFiles(recipe, { out });
  const { keys, species, poses, conformation } = readTruth(files.truth);
  const names = [...new Set(species)].sort();
  const K = names.length;
  const classes = Int32Array.from(species, (name) => names.indexOf(name));
  const posterior = new Float32Array(keys.length * K);
  classes.forEach((k, i) => {
    posterior[i * K + k] = 1;
  });
  const z = Float32Array.from(conformation!);
  const evidence = new Float64Array(keys.length);
  return {
    recipe,
    files,
    names,
    particles: {
      keys,
      K,
      zDim: 1,
      assignments: { classes, posterior, junk: new Float32Array(keys.length), poses, z, evidence },
    },
  };
}

/** A finished run in `out` with this table and the species' true maps. */
export async function knownRun(set: KnownSet, out: string, table: RunParticles = set.particles): Promise<Run> {
  const { recipe, files, names } = set;
  await runLoop(files.particles, { out, classes: names.length, passes: 1, threads: 1 }, fakeReconstruct);
  writeParticleTable(`${out}/particles.csv`, table);
  names.forEach((species, k) => {
    const model = beadModel(recipe.species.find((s) => s.name === species)!, 0, recipe.beadSigmaAngstrom);
    writeVolume(`${out}/class_00${k + 1}.mrc`, beadVolume(model, recipe.box, recipe.pixelSizeAngstrom));
  });
  return openRun(out);
}

/** @file The results of a run in its folder: particle lists, maps, report. Every file is written whole or not at all. */
import { existsSync, rmSync } from "node:fs";
import type { Volume } from "../core/types.js";
import { exportStar } from "../io/export-star.js";
import { writeVolume } from "../io/mrc.js";
import type { StarParticles } from "../io/particles.js";
import { poseColumns } from "../io/star-poses.js";
import type { StarColumns } from "../io/star-table.js";
import { writeStar } from "../io/star-write.js";
import type { MixtureState } from "../mixture/state.js";
import { writeParticleTable } from "./particle-table.js";
import { writeReport } from "./report.js";
import type { RunFolder } from "./run-folder.js";
import type { RunManifest } from "./run-manifest.js";

/** Write particles.star, particles.csv, class_001.mrc … and report.html. */
export async function writeResults(
  folder: RunFolder,
  source: StarParticles,
  run: { readonly manifest: RunManifest; readonly state: MixtureState },
): Promise<void> {
  const { manifest, state } = run;
  const assignments = state.assignments();
  const K = state.classWeights.length; // more than asked for while a run is young
  const particles = { keys: source.keys, K, zDim: manifest.settings.zDim, assignments };
  const added = {
    ...poseColumns(source, assignments.poses),
    ...classColumns(assignments.classes, assignments.posterior),
  };
  writeStar(folder.file("star"), exportStar(source, { added }));
  writeParticleTable(folder.file("table"), particles);
  const volumes: readonly Volume[] = await state.volumes();
  volumes.forEach((volume, k) => {
    writeVolume(folder.volume(k + 1), volume);
  });
  for (let k = volumes.length + 1; existsSync(folder.volume(k)); k++) rmSync(folder.volume(k));
  writeReport(folder, { manifest, particles, volumes });
}

/** RELION's columns: the class, from 1, and how sure it is. */
function classColumns(classes: Int32Array, posterior: Float32Array): StarColumns {
  const K = posterior.length / classes.length;
  return {
    rlnClassNumber: classes.map((k) => k + 1),
    rlnMaxValueProbDistribution: Float64Array.from(classes, (k, i) => Number(posterior[i * K + k]!.toPrecision(6))),
  };
}

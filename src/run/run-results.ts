/** @file The results of a run in its folder: particle lists, maps, report. Every file is written whole or not at all. */
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
  const { classes: K, zDim } = manifest.settings;
  const assignments = state.assignments();
  const particles = { keys: source.keys, K, zDim, assignments };
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

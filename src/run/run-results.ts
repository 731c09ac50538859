/** @file The results of a run in its folder: particle lists, maps, report. Every file is written whole or not at all. */
import { existsSync, rmSync } from "node:fs";
import type { Volume } from "../core/types.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { viewAverages } from "../imaging/view-averages.js";
import { writeFileAtomic } from "../io/atomic.js";
import { exportParticles } from "../io/export-particles.js";
import { writeVolume } from "../io/mrc.js";
import type { Particles } from "../io/particles.js";
import type { Assignments, MixtureState } from "../mixture/state.js";
import { surfaceLevel } from "../plot/isosurface.js";
import { assignedParticles } from "./assigned-particles.js";
import { chimeraxScript } from "./chimerax-bundle.js";
import { writeClassHalves } from "./class-halves.js";
import type { PassClasses } from "./class-history.js";
import { type ClassSummary, classSummaries } from "./class-summary.js";
import { writeParticleTable } from "./particle-table.js";
import { writeReport } from "./report.js";
import type { ReportedRun } from "./report-figures.js";
import { type RunFolder, volumeFile } from "./run-folder.js";
import type { RunManifest } from "./run-manifest.js";
import { stabilityOverPasses } from "./run-stability.js";
import { speciesFound } from "./species-found.js";

const REPORTED_PER_VIEW = 30;
const REPORTED_DEFOCUS = 20_000;

/**
 * Write particles.star, particles.csv, class_001.mrc … with half maps, maps.cxc and report.html.
 * Returns what run.json says of the classes. `set`: the particles as prepared for the run, in the order of `source`.
 */
export async function writeResults(
  folder: RunFolder,
  source: Particles,
  set: PreparedParticles,
  run: {
    readonly manifest: RunManifest;
    readonly state: Pick<MixtureState, "assignments" | "volumes"> & Partial<Pick<MixtureState, "joining" | "axes">>;
    readonly history?: readonly PassClasses[];
  },
): Promise<readonly ClassSummary[]> {
  const { manifest, state, history = [] } = run;
  const assignments = state.assignments();
  const K = assignments.posterior.length / source.count; // more than asked for while a run is young
  const particles = { keys: source.keys, K, zDim: assignments.z.length / source.count, assignments };
  exportParticles(source, folder.file("star"), assignedParticles(assignments));
  writeParticleTable(folder.file("table"), particles);
  const volumes: readonly Volume[] = await state.volumes();
  volumes.forEach((volume, k) => {
    writeVolume(folder.volume(k + 1), volume);
  });
  for (let k = volumes.length + 1; existsSync(folder.volume(k)); k++) rmSync(folder.volume(k));
  const maps = volumes.map((volume, k) => ({
    file: volumeFile(k + 1),
    label: `class ${k + 1}`,
    level: surfaceLevel(volume),
  }));
  writeFileAtomic(folder.file("chimerax"), chimeraxScript(maps));
  const stability = stabilityOverPasses(assignments.classes, history);
  const halves = writeClassHalves(folder, set, assignments, volumes);
  const summaries = classSummaries(assignments, volumes, halves, state.axes);
  const found = speciesFound(manifest.settings.classes, state.joining ?? []);
  const said = { manifest, particles, volumes, halves, summaries, stability, speciesFound: found };
  writeReport(folder, { ...said, ...seen(source, assignments, K) });
  return summaries;
}

/** What the report shows of the images themselves: a part of them, for time's sake. */
function seen(
  source: Particles,
  { classes, poses }: Assignments,
  K: number,
): Pick<ReportedRun, "averages" | "defocus"> {
  const rows = Array.from({ length: K }, (_, k) => {
    const members = [...classes.keys()].filter((i) => classes[i] === k);
    return {
      label: `class ${k + 1}`,
      averages: viewAverages(source, poses, members, { imagesPerView: REPORTED_PER_VIEW }),
    };
  });
  const averages = { rows, pixelSizeAngstrom: source.pixelSizeAngstrom };
  if (!source.hasCtf) return { averages };
  const stride = Math.ceil(source.count / REPORTED_DEFOCUS);
  const shown = Array.from({ length: Math.ceil(source.count / stride) }, (_, i) => i * stride);
  return { averages, defocus: shown.map((i) => source.defocus(i)) };
}

/** @file Half maps of every class of a run, as files and as the report shows them. */
import { existsSync, rmSync } from "node:fs";
import type { Volume } from "../core/types.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { openPrepared } from "../imaging/prepared-reader.js";
import { writeVolume } from "../io/mrc.js";
import { crossingAngstrom } from "../metrics/half-map-resolution.js";
import type { Assignments } from "../mixture/state.js";
import type { Figure } from "../plot/figure.js";
import { fscCurve } from "../plot/fsc-curve.js";
import { numberText } from "../plot/number-text.js";
import { type DataMaps, dataMaps, LEAST_PARTICLES } from "./data-maps.js";
import type { RunFolder } from "./run-folder.js";

/** What is said of a class's halves; the halves themselves are in files. */
export type ClassHalves = Pick<DataMaps, "resolution" | "classMapFsc"> & {
  readonly counts: readonly [number, number];
};

/** Write the halves of each class that has particles enough; one entry per class, null where they are too few. */
export function writeClassHalves(
  folder: RunFolder,
  set: PreparedParticles,
  { classes, poses }: Pick<Assignments, "classes" | "poses">,
  volumes: readonly Volume[],
): (ClassHalves | null)[] {
  for (let k = 1; existsSync(folder.halfMap(k, 1)) || k <= volumes.length; k++)
    for (const half of [1, 2] as const) rmSync(folder.halfMap(k, half), { force: true });
  const reader = openPrepared(set);
  try {
    return volumes.map((volume, k) => {
      const rows = [...classes.keys()].filter((i) => classes[i] === k);
      if (rows.length < LEAST_PARTICLES) return null;
      // Images fitted to the run's width may be 1 % off it (imaging/fitted-source.ts): pixel n of the map is theirs.
      const classMap = { ...volume, pixelSizeAngstrom: set.pixelSizeAngstrom };
      const { backProjection, resolution, classMapFsc } = dataMaps(reader, poses, rows, classMap);
      backProjection.halves.forEach((half, i) => {
        writeVolume(folder.halfMap(k + 1, i === 0 ? 1 : 2), half);
      });
      return { counts: backProjection.counts, resolution, classMapFsc };
    });
  } finally {
    reader.close();
  }
}

/** Header and one row per class that has half maps. */
export function halvesTable(halves: readonly (ClassHalves | null)[]): string[][] {
  const rows = halves.flatMap((found, k) => {
    if (found === null) return [];
    const { counts, resolution, classMapFsc } = found;
    const decoded = crossingAngstrom(classMapFsc, 0.5);
    return [[String(k + 1), counts.join(" + "), numberText(resolution.resolutionAngstrom), numberText(decoded)]];
  });
  return [
    ["class", "images", "half maps agree to (Å, FSC 0.143)", "map agrees with its images to (Å, FSC 0.5)"],
    ...rows,
  ];
}

/** Corrected FSC of the halves of each class; none without half maps. */
export function halvesFigures(halves: readonly (ClassHalves | null)[]): Figure[] {
  const curves = halves.flatMap((found, k) =>
    found === null ? [] : [{ label: `class ${k + 1}`, fsc: found.resolution.corrected }],
  );
  return curves.length === 0 ? [] : [fscCurve(curves, { title: "Half maps of each class, poses of one run" })];
}

/** @file Maps as particles: every voxel above a threshold is a bead of no width, which is exact below the grid's limit. */
import type { Volume } from "../../src/core/types.js";
import { readVolume } from "../../src/io/mrc.js";
import { cropToBox } from "../../src/metrics/volume-spectrum.js";
import type { FlexibleBeads } from "./flexible-beads.js";
import { beads } from "./flexible-beads.js";
import { sharedData } from "./shared-data.js";
import { centroid, type Vector } from "./vectors.js";

/** Of the largest density; below it voxels are left out. */
const THRESHOLD = 0.05;

/** Voxels of `volumes` (of one grid) that are above the threshold in any, and their places, Å from the box centre. */
export function denseVoxels(volumes: readonly Volume[], threshold: number): { voxels: number[]; places: Vector[] } {
  const { box, pixelSizeAngstrom } = volumes[0]!;
  const top = volumes[0]!.values.reduce((a, b) => Math.max(a, b), 0);
  const voxels: number[] = [];
  for (let v = 0; v < box ** 3; v++) if (volumes.some(({ values }) => values[v]! > threshold * top)) voxels.push(v);
  const places = voxels.map((v): Vector => {
    const at = [v % box, Math.floor(v / box) % box, Math.floor(v / box ** 2)];
    return at.map((i) => (i - box / 2) * pixelSizeAngstrom) as Vector;
  });
  return { voxels, places };
}

/** An assembly state of the bacterial 50S subunit (018, 306, 442 or 455), rigid; 6.55 Å brought to 8.4 Å. */
export function assemblyState(state: string): FlexibleBeads {
  const full = readVolume(sharedData("maven", `vol_${state}.mrc`));
  const map = cropToBox(full, 50);
  const { voxels, places } = denseVoxels([map], THRESHOLD);
  const weights = Float64Array.from(voxels, (v) => map.values[v]!);
  const model = beads(places, centroid(places, weights), weights, 0);
  return () => model;
}

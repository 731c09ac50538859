/**
 * @file Ways through the latent space of a class, as the z of frames in the order of travel.
 *
 * Along an axis a way leads through the mean of the class; between two particles straight, or from neighbour to neighbour
 * (latent/geodesics.ts), where a straight line would leave the data. Frames lie evenly along the length of the way.
 */
import { axisLatents } from "../conformation/latent-metric.js";
import { check } from "../core/errors.js";
import { wayThrough } from "../latent/geodesics.js";
import type { LatentSpace } from "../latent/latent-space.js";
import { nearestNeighbours, neighbourTree } from "../latent/nearest-neighbours.js";
import { neighbourGraph } from "../latent/neighbour-graph.js";

export interface PathBetweenOptions {
  /** @default 10 */
  readonly frames?: number;
  /** "data": through the particles; "straight": a line. @default "data" */
  readonly way?: "data" | "straight";
  /** Neighbours that a way through the particles may step to. @default 10 */
  readonly neighbours?: number;
}

/** `frames` z along coordinate `axis` (from 1), from the 5 % to the 95 % quantile of the class; the others at their means. */
export function pathAlongAxis(space: LatentSpace, axis: number, frames = 10): readonly Float64Array[] {
  const { values, dimension, classNumber } = space;
  check(Number.isInteger(axis) && axis >= 1 && axis <= dimension, "axis", `a coordinate from 1 to ${dimension}`, axis);
  const mean = new Float64Array(dimension);
  values.forEach((v, i) => {
    mean[i % dimension]! += (dimension * v) / values.length;
  });
  const z = values.map((v, i) => v - mean[i % dimension]!);
  const path = axisLatents({ z, zDim: dimension }, axis - 1, frames);
  const isMoving = path.at(-1)![axis - 1]! > path[0]![axis - 1]!;
  check(isMoving, `class ${classNumber}`, `particles that differ along axis ${axis}`, "the same z for all");
  return path.map((point) => point.map((v, j) => v + mean[j]!));
}

/** z from one particle of the class to another, told by key or by position in the input list (from 0). */
export function pathBetween(
  space: LatentSpace,
  from: string | number,
  to: string | number,
  options: PathBetweenOptions = {},
): readonly Float64Array[] {
  const { frames = 10, way = "data", neighbours = 10 } = options;
  check(Number.isInteger(frames) && frames >= 2, "frames", "at least 2", frames);
  check(way === "data" || way === "straight", "way", '"data" or "straight"', way);
  const ends = [rowOf(space, from, "from"), rowOf(space, to, "to")];
  const { values, dimension, keys } = space;
  const graph = (): ReturnType<typeof neighbourGraph> =>
    neighbourGraph(nearestNeighbours(neighbourTree(values, dimension), Math.min(neighbours, keys.length - 1)));
  const rows = way === "straight" ? ends : wayThrough(graph(), ends);
  const path = evenly(
    rows.map((row) => values.slice(row * dimension, (row + 1) * dimension)),
    frames,
  );
  check(path !== undefined, "to", "a particle with another z than that of `from`", to);
  return path;
}

/** Where the particle stands in the class. */
function rowOf({ keys, indices, classNumber }: LatentSpace, particle: string | number, where: string): number {
  const row = typeof particle === "string" ? keys.indexOf(particle) : indices.indexOf(particle);
  check(row >= 0, where, `a particle of class ${classNumber}, by key or position from 0`, particle);
  return row;
}

/** Points at equal steps of the length of a broken line; undefined where it has none. */
function evenly(corners: readonly Float64Array[], frames: number): readonly Float64Array[] | undefined {
  const lengths = [0];
  for (let i = 1; i < corners.length; i++)
    lengths.push(lengths[i - 1]! + Math.hypot(...corners[i]!.map((v, j) => v - corners[i - 1]![j]!)));
  const total = lengths.at(-1)!;
  if (total === 0) return undefined;
  let at = 1;
  return Array.from({ length: frames }, (_, f) => {
    const length = (total * f) / (frames - 1);
    while (at < corners.length - 1 && lengths[at]! < length) at++;
    const share = (length - lengths[at - 1]!) / (lengths[at]! - lengths[at - 1]!);
    return corners[at - 1]!.map((v, j) => v + Math.min(1, share) * (corners[at]![j]! - v));
  });
}

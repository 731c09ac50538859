/**
 * @file The latent coordinates of one class, with the keys of their particles.
 *
 * Every class has a field of its own, so the same coordinates mean different structures in different classes: there is
 * no latent space of a whole run, and no function here makes one. Positions inside a space are never handed out alone:
 * `keys` say which particle, `indices` where it stands in the input list (from 0), `classNumber` counts from 1.
 */
import { check } from "../core/errors.js";
import { type HasKeys, type ParticleSet, particleSet } from "./particle-set.js";
import { checkPoints, pointsAt } from "./points.js";

/** What a run's `particles()` has, and what another program's output can be brought to. */
export interface ParticleLatents extends HasKeys {
  readonly zDim: number;
  readonly assignments: {
    /** Int[count], from 0; −1 for particles of no class. One class where absent. */
    readonly classes?: ArrayLike<number>;
    /** Float[count zDim]: coordinates in the particle's own class. */
    readonly z: ArrayLike<number>;
  };
}

export interface LatentSpace {
  readonly kind: "latent-space";
  /** From 1. */
  readonly classNumber: number;
  /** Coordinates that the class makes use of, at least 1: with `zDim: "auto"` the last ones may be 0 for all of its particles. */
  readonly dimension: number;
  /** All particles, of this class and of others. */
  readonly set: ParticleSet;
  /** Of the particles of this class, in the order of the input. */
  readonly keys: readonly string[];
  /** Int32[count]: their positions in the input list, from 0. */
  readonly indices: Int32Array;
  /** Float64[count dimension]. */
  readonly values: Float64Array;
}

/** The latent space of every class that holds particles, in order of class number. */
export function latentSpaces(particles: ParticleLatents): readonly LatentSpace[] {
  const { keys, zDim, assignments } = particles;
  const { classes, z } = assignments;
  check(zDim >= 1, "particles.zDim", "conformations of at least one dimension", zDim, "reconstruct with zDim ≥ 1");
  const count = checkPoints(z, zDim, 0);
  check(count === keys.length, "particles.assignments.z", `coordinates of ${keys.length} particles`, count);
  check(
    classes === undefined || classes.length === keys.length,
    "particles.assignments.classes",
    `a class for each of ${keys.length} particles`,
    classes?.length,
  );
  const set = particleSet(particles);
  const members = new Map<number, number[]>();
  for (let i = 0; i < keys.length; i++) {
    const k = classes?.[i] ?? 0;
    if (k < 0) continue;
    if (!members.has(k)) members.set(k, []);
    members.get(k)!.push(i);
  }
  return [...members]
    .sort(([a], [b]) => a - b)
    .map(([k, list]) => {
      const dimension = Math.max(1, usedCoordinates(z, zDim, list));
      return {
        kind: "latent-space",
        classNumber: k + 1,
        dimension,
        set,
        keys: list.map((i) => keys[i]!),
        indices: Int32Array.from(list),
        values: pointsAt(z, zDim, list).filter((_, at) => at % zDim < dimension),
      };
    });
}

/** How many of the `zDim` coordinates of the points `rows` are in use: all up to the last that is not 0 for every one. */
export function usedCoordinates(z: ArrayLike<number>, zDim: number, rows: readonly number[]): number {
  let used = zDim;
  while (used > 0 && rows.every((i) => z[i * zDim + used - 1] === 0)) used--;
  return used;
}

/** The latent space of one class, numbered from 1. */
export function latentSpace(particles: ParticleLatents, classNumber: number): LatentSpace {
  const spaces = latentSpaces(particles);
  const space = spaces.find((s) => s.classNumber === classNumber);
  const there = spaces.map((s) => s.classNumber).join(", ");
  check(space !== undefined, "classNumber", `a class that holds particles (${there})`, classNumber);
  return space;
}

/** @file What particles are selected by: class, posterior, cluster, an outline in a picture, a range of a quantity. */
import { check } from "../core/errors.js";
import type { LatentSpace } from "./latent-space.js";
import type { HasKeys } from "./particle-set.js";
import { type Selection, selectKeys, selectWhere } from "./selection.js";

/** Particles with class assignments: a run's `particles()`, or another program's. */
export interface ClassifiedParticles extends HasKeys {
  readonly assignments: {
    /** Int[count], from 0. */
    readonly classes: ArrayLike<number>;
    /** Float[count K]: p(class | image). */
    readonly posterior?: ArrayLike<number>;
  };
}

/** Particles whose most probable class this is, numbered from 1. */
export function selectClass(particles: ClassifiedParticles, classNumber: number): Selection {
  const { classes } = particles.assignments;
  check(Number.isInteger(classNumber) && classNumber >= 1, "classNumber", "a number from 1", classNumber);
  return selectWhere(particles, `class ${classNumber}`, (i) => classes[i] === classNumber - 1);
}

/** Particles that belong to this class, numbered from 1, with a probability of at least `least`. */
export function selectProbability(particles: ClassifiedParticles, classNumber: number, least: number): Selection {
  const { posterior } = particles.assignments;
  check(posterior !== undefined, "particles", "class probabilities", "none");
  check(least >= 0 && least <= 1, "least", "a probability in [0, 1]", least);
  const K = posterior.length / particles.keys.length;
  check(classNumber >= 1 && classNumber <= K, "classNumber", `a number from 1 to ${K}`, classNumber);
  const what = `probability of class ${classNumber} at least ${least}`;
  return selectWhere(particles, what, (i) => posterior[i * K + classNumber - 1]! >= least);
}

/** Particles of a cluster, numbered from 1, of one class; `labels`, Int[count], go with the space and count from 0. */
export function selectCluster(space: LatentSpace, labels: ArrayLike<number>, cluster: number): Selection {
  const { keys, set, classNumber } = space;
  check(
    labels.length === keys.length,
    "labels",
    `one for each of ${keys.length} particles of the class`,
    labels.length,
  );
  check(Number.isInteger(cluster) && cluster >= 1, "cluster", "a number from 1", cluster);
  const chosen = keys.filter((_, i) => labels[i] === cluster - 1);
  return selectKeys(set, chosen, `cluster ${cluster} of class ${classNumber}`);
}

/** Two coordinates of particles, as a picture shows them. */
export interface LatentView extends HasKeys {
  /** The particles that the selection is of; those of the view are among them. */
  readonly set: HasKeys;
  /** What the picture is, for the history: "UMAP of class 2". */
  readonly name: string;
  /** Float[count]. */
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** Particles inside an outline (even–odd rule), given by its corners, three or more, in the units of the picture. */
export function selectPolygon(view: LatentView, corners: readonly (readonly [x: number, y: number])[]): Selection {
  const { keys, x, y, name, set } = view;
  check(x.length === keys.length && y.length === keys.length, "view", `${keys.length} x and y`, [x.length, y.length]);
  check(corners.length >= 3, "corners", "at least 3 corners", corners.length);
  const what = `inside ${corners.map((corner) => `(${corner.join(", ")})`).join(" ")} in ${name}`;
  const inside = keys.filter((_, i) => isInside(x[i]!, y[i]!, corners));
  return selectKeys(set, inside, what);
}

/** Whether a ray from the point to the right crosses the outline an odd number of times. */
function isInside(x: number, y: number, corners: readonly (readonly [number, number])[]): boolean {
  let inside = false;
  corners.forEach(([x1, y1], n) => {
    const [x0, y0] = corners[(n + corners.length - 1) % corners.length]!;
    if (y1 > y !== y0 > y && x < x1 + ((y - y1) / (y0 - y1)) * (x0 - x1)) inside = !inside;
  });
  return inside;
}

/** A quantity of particles by name: a column of a table. */
export interface ParticleQuantity extends HasKeys {
  readonly name: string;
  /** Float[count]. */
  readonly values: ArrayLike<number>;
  /** The particles that the selection is of. @default those with a value */
  readonly set?: HasKeys;
}

/** Particles whose quantity lies in [least, most]; NaN never does. */
export function selectRange(quantity: ParticleQuantity, least: number, most: number): Selection {
  const { keys, values, name, set = quantity } = quantity;
  check(values.length === keys.length, "quantity.values", `${keys.length} numbers`, values.length);
  const chosen = keys.filter((_, i) => values[i]! >= least && values[i]! <= most);
  return selectKeys(set, chosen, `${name} from ${least} to ${most}`);
}

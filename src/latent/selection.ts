/**
 * @file Selections of particles: immutable, keyed, with a history that says how each came about.
 *
 * A selection always resolves to keys and to positions in the input list (from 0), however many steps led to it, and
 * two selections combine only when they are of the same particles.
 */
import { check } from "../core/errors.js";
import { type HasKeys, type ParticleSet, particleSet, positionsOf } from "./particle-set.js";

export interface SelectionStep {
  /** What was done, with its numbers, so that it can be done again. */
  readonly what: string;
  /** Particles afterwards. */
  readonly count: number;
  readonly from: readonly SelectionStep[];
}

export interface Selection {
  readonly kind: "selection";
  readonly set: ParticleSet;
  /** In the order of the input. */
  readonly keys: readonly string[];
  /** Int32[keys]: positions in the input list, from 0, ascending. */
  readonly indices: Int32Array;
  readonly step: SelectionStep;
}

/** The particles at positions for which `isIn` says so. Every selection is made here. */
export function selectWhere(
  particles: HasKeys,
  what: string,
  isIn: (index: number) => boolean,
  from: readonly SelectionStep[] = [],
): Selection {
  const set = particleSet(particles);
  const indices = Int32Array.from(set.keys.map((_, i) => i).filter(isIn));
  const keys = Array.from(indices, (i) => set.keys[i]!);
  return { kind: "selection", set, keys, indices, step: { what, count: keys.length, from } };
}

export function selectAll(particles: HasKeys): Selection {
  return selectWhere(particles, "all", () => true);
}

/** The particles with these keys; refuses keys that are not there. */
export function selectKeys(particles: HasKeys, keys: readonly string[], what = "keys given"): Selection {
  const wanted = new Set(positionsOf(particleSet(particles), keys, "keys"));
  return selectWhere(particles, what, (i) => wanted.has(i));
}

/** In every one of them. */
export function both(first: Selection, ...others: readonly Selection[]): Selection {
  return combine("in all of", [first, ...others], (memberships) => memberships.every((is) => is));
}

/** In at least one of them. */
export function either(first: Selection, ...others: readonly Selection[]): Selection {
  return combine("in any of", [first, ...others], (memberships) => memberships.some((is) => is));
}

/** In the first, in none of the others. */
export function minus(first: Selection, ...others: readonly Selection[]): Selection {
  return combine("in the first, not in", [first, ...others], ([is, ...rest]) => is === true && !rest.some((r) => r));
}

/** All particles of the set that are not in it. */
export function not(selection: Selection): Selection {
  return combine("not in", [selection], ([is]) => !is);
}

function combine(
  what: string,
  selections: readonly Selection[],
  isIn: (memberships: readonly boolean[]) => boolean,
): Selection {
  const { set } = selections[0]!;
  const members = selections.map((selection, n) => {
    checkSameSet(selection.set, set, `selection ${n + 1}`);
    return new Set(selection.set === set ? selection.indices : positionsOf(set, selection.keys, `selection ${n + 1}`));
  });
  return selectWhere(
    set,
    what,
    (i) => isIn(members.map((m) => m.has(i))),
    selections.map((s) => s.step),
  );
}

function checkSameSet(found: ParticleSet, wanted: ParticleSet, where: string): void {
  if (found.fingerprint === wanted.fingerprint) return;
  const stranger = found.keys.find((key) => !wanted.indexOf.has(key));
  const missing = wanted.keys.find((key) => !found.indexOf.has(key));
  const difference = stranger === undefined ? `without ${missing}` : `with ${stranger}`;
  check(
    false,
    where,
    `a selection of the same ${wanted.keys.length} particles`,
    `one of ${found.keys.length}, ${difference}`,
    "make both from the same list",
  );
}

/** Rows of the selected particles in another list of them, Int32, found by key: for `exportStar(source, { rows })`. */
export function selectionRows(selection: Selection, source: HasKeys): Int32Array {
  return positionsOf(particleSet(source), selection.keys, "source").sort();
}

/** How the selection came about, a line per step, last step first. */
export function selectionHistory({ step, set }: Selection): string {
  const lines = (s: SelectionStep, depth: number): string[] => [
    `${"  ".repeat(depth)}${s.what}: ${s.count} of ${set.keys.length}`,
    ...s.from.flatMap((source) => lines(source, depth + 1)),
  ];
  return lines(step, 0).join("\n");
}

/**
 * @file Do the classes of a run stay? Against the last passes of the same run, and against other runs of the same particles
 * (other seeds, other options), by the best Jaccard index of each class (metrics/label-stability.ts).
 */
import { check } from "../core/errors.js";
import { particleSet, positionsOf } from "../latent/particle-set.js";
import { type LabelStability, labelStability } from "../metrics/label-stability.js";
import type { PassClasses } from "./class-history.js";
import type { Run } from "./open-run.js";

export interface RunStability {
  readonly kind: "run-stability";
  /** Passes that the end of the run is compared with. */
  readonly passes: readonly number[];
  /** Over those passes; null where the run kept none. Classes from 1. */
  readonly overPasses: LabelStability | null;
  /** Over the other runs; null without any. Classes from 1. */
  readonly overRuns: LabelStability | null;
}

/** Stability of the classes of `run`; other runs may hold other particles too, joined by key, but none may be missing there. */
export function runStability(run: Run, others: readonly Run[] = []): RunStability {
  const { keys, assignments } = run.particles();
  const classes = numbered(assignments.classes);
  const history = run.classHistory().filter(({ step }) => step < run.manifest.step); // out of time: the end is kept too
  const elsewhere = others.map((other) => {
    const table = other.particles();
    const there = numbered(table.assignments.classes);
    return Int32Array.from(positionsOf(particleSet(table), keys, other.folder), (i) => there[i]!);
  });
  return {
    kind: "run-stability",
    passes: history.map(({ pass }) => pass),
    overPasses: stabilityOverPasses(assignments.classes, history),
    overRuns: elsewhere.length === 0 ? null : labelStability(classes, elsewhere),
  };
}

/** Of the classes at the end, from 0, over the passes before; null where there are none. Classes from 1. */
export function stabilityOverPasses(classes: Int32Array, history: readonly PassClasses[]): LabelStability | null {
  if (history.length === 0) return null;
  for (const { pass, classes: then } of history)
    check(then.length === classes.length, `history, pass ${pass}`, `${classes.length} particles`, then.length);
  const before = history.map((one) => numbered(one.classes));
  return labelStability(numbered(classes), before);
}

function numbered(classes: Int32Array): Int32Array {
  return classes.map((k) => k + 1);
}

/** @file Fewer classes: what the others held is gone, and their images choose among those that are left. */
import { withClasses } from "./image-table.js";
import type { MixtureRun } from "./mixture-run.js";

/** Go on with the classes `kept` of a run, in that order. */
export function keepClasses(run: MixtureRun, kept: readonly number[]): void {
  const held = run.fields.length;
  if (kept.length === held) return;
  run.table = withClasses(run.table, kept, { K: held, zDim: run.options.zDim });
  run.fields = kept.map((k) => run.fields[k]!);
  run.optimisers = kept.map((k) => run.optimisers[k]!);
  run.references = kept.flatMap((k) => run.references[k] ?? []);
  run.weights = new Float64Array(kept.length).fill(1 / kept.length);
  run.offsets = new Float64Array(kept.length);
  run.axes = Int32Array.from(kept, (k) => run.axes[k]!);
  run.keptEvidence = Float64Array.from(kept, (k) => run.keptEvidence[k]!);
}

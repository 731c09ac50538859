/** @file A mixture reconstruction saved, and taken up again to the numbers it would have reached. */
import { check } from "../core/errors.js";
import { resumeRandom, seededRandom } from "../core/random.js";
import { trainableWeights } from "../field/field.js";
import type { FourierRaster } from "../imaging/fourier-raster.js";
import type { PreparedParticles } from "../imaging/prepare.js";
import { emptyRun, type MixtureRun, resolveOptions } from "./mixture-run.js";
import type { Joining, MixtureCheckpoint, MixtureOptions } from "./state.js";

const ANEW = "a checkpoint of another version of Iolaus: begin the run anew";

/** The run of a checkpoint, over the same set and with the same options. */
export function resumeRun(set: PreparedParticles, given: MixtureOptions, checkpoint: MixtureCheckpoint): MixtureRun {
  const { meta, arrays } = checkpoint;
  const options = resolveOptions(set, given);
  const run = emptyRun(set, options, seededRandom(options.seed), Number(meta["held"]));
  check(Array.isArray(meta["references"]), "resume", "a checkpoint of this version of Iolaus", "an older one", ANEW);
  for (const [name, expected] of Object.entries(identity(run)))
    check(
      meta[name] === expected,
      "resume",
      `a checkpoint with ${name} ${expected}`,
      meta[name],
      "use the options of that run",
    );
  const saved = meta as {
    random: number[];
    step: number;
    visits: number;
    stage: string;
    keptRadius: number;
    molten: boolean;
    flexing: boolean;
    joining: Joining[];
    adamSteps: number[];
    references: Omit<FourierRaster, "kind" | "values">[];
  };
  for (const [name, array] of Object.entries(arraysOf(run))) {
    const from = arrays[name];
    check(
      from?.length === array.length,
      "resume",
      `${array.length} numbers in "${name}"`,
      from?.length ?? "none",
      ANEW,
    );
    array.set(from);
  }
  run.fields.forEach((field, k) => {
    for (const name of trainableWeights(field.config)) {
      const m = arrays[`adam ${k} m ${name}`];
      const v = arrays[`adam ${k} v ${name}`];
      if (m === undefined || v === undefined) continue;
      run.optimisers[k]!.state[name] = { m: Float32Array.from(m), v: Float32Array.from(v), t: saved.adamSteps[k]! };
    }
  });
  run.random = resumeRandom(saved.random);
  run.step = saved.step;
  run.visits = saved.visits;
  run.stage = saved.stage;
  run.keptRadius = saved.keptRadius;
  run.molten = saved.molten;
  run.flexing = saved.flexing;
  run.joining = saved.joining;
  run.references = saved.references.map((shape, k) => {
    const values = arrays[`reference ${k}`];
    check(
      values?.length === 2 * shape.size ** 3,
      "resume",
      `the map of class ${k + 1}`,
      values?.length ?? "none",
      ANEW,
    );
    return { kind: "fourier-raster", ...shape, values: Float32Array.from(values) };
  });
  return run;
}

/** Everything `resumeRun` needs, copied. */
export function checkpointOf(run: MixtureRun): MixtureCheckpoint {
  const arrays: Record<string, Float32Array | Float64Array | Int32Array> = {};
  for (const [name, array] of Object.entries(arraysOf(run))) arrays[name] = array.slice();
  run.optimisers.forEach(({ state }, k) => {
    for (const [name, { m, v }] of Object.entries(state)) {
      arrays[`adam ${k} m ${name}`] = m.slice();
      arrays[`adam ${k} v ${name}`] = v.slice();
    }
  });
  run.references.forEach(({ values }, k) => {
    arrays[`reference ${k}`] = values.slice();
  });
  const adamSteps = run.optimisers.map(({ state }) => Math.max(0, ...Object.values(state).map((moments) => moments.t)));
  return {
    meta: {
      ...identity(run),
      held: run.fields.length,
      random: run.random.state(),
      step: run.step,
      visits: run.visits,
      stage: run.stage,
      keptRadius: run.keptRadius,
      molten: run.molten,
      flexing: run.flexing,
      joining: run.joining,
      adamSteps,
      references: run.references.map(({ radius, oversampling, size }) => ({ radius, oversampling, size })),
    },
    arrays,
  };
}

/** What must agree between a checkpoint and the run that resumes it. */
function identity({ set, options }: MixtureRun): Readonly<Record<string, number>> {
  const { classes, auto, junk, zDim, autoAxes, seed, passes, batch } = options;
  const numbers = { count: set.count, box: set.box, classes, zDim, seed, passes, batch };
  return { ...numbers, auto: Number(auto), junk: Number(junk), autoAxes: Number(autoAxes) };
}

/** The arrays of a run that change, by name. */
function arraysOf(run: MixtureRun): Record<string, Float32Array | Float64Array | Int32Array> {
  const fields = run.fields.flatMap((field, k) =>
    Object.entries(field.weights).map(([name, array]) => [`field ${k} ${name}`, array] as const),
  );
  const table = Object.entries(run.table).map(([name, array]) => [`table ${name}`, array] as const);
  return {
    ...Object.fromEntries([...fields, ...table]),
    weights: run.weights,
    offsets: run.offsets,
    order: run.order,
    keptEvidence: run.keptEvidence,
    axes: run.axes,
  };
}

/**
 * @file Latents as tables, in and out: columns by name, ready for danfojs' `new DataFrame(…)` or a CSV file.
 *
 * Every table names its particles by `key` and by `particle` (position in the input list, from 0); classes, segments and
 * states count from 1. danfojs itself is not loaded: a data frame is told by its shape.
 */
import { check } from "../core/errors.js";
import type { LatentAnalysis } from "./analysis.js";
import type { ParticleLatents } from "./latent-space.js";

export type TableColumns = Readonly<Record<string, readonly (string | number)[]>>;

/** A danfojs data frame, as far as it is read. */
export interface FrameLike {
  readonly columns: readonly string[];
  readonly values: unknown;
}

/** One row per particle of the class. */
export function analysisColumns(analysis: LatentAnalysis): TableColumns {
  const { space, components, picture, segments, states, logDensity, outlierFactors, mahalanobis } = analysis;
  const { keys, indices, classNumber, dimension, values } = space;
  const numbered = (name: string, width: number, from: ArrayLike<number>): [string, number[]][] =>
    Array.from({ length: width }, (_, c) => [`${name}${c + 1}`, keys.map((_, i) => from[i * width + c]!)]);
  return Object.fromEntries<readonly (string | number)[]>([
    ["key", keys],
    ["particle", [...indices]],
    ["class", keys.map(() => classNumber)],
    ...numbered("z", dimension, values),
    ...numbered("pc", dimension, components.scores),
    ...numbered("umap", picture.components, picture.embedding),
    ["segment", Array.from(segments.labels, (c) => c + 1)],
    ["state", Array.from(states.labels, (c) => c + 1)],
    ["stateProbability", keys.map((_, i) => states.responsibilities[i * states.K + states.labels[i]!]!)],
    ["logDensity", [...logDensity]],
    ["outlierFactor", [...outlierFactors]],
    ["mahalanobis", [...mahalanobis]],
  ]);
}

/** One row per segment and per state, with the particle nearest its centre and where that one lies. */
export function centreColumns({ space, segments, states }: LatentAnalysis): TableColumns {
  const rows = [
    ...Array.from(segments.nearest, (at, c) => ({ what: "segment", number: c + 1, at, size: segments.sizes[c]! })),
    ...Array.from(states.nearest, (at, c) => ({ what: "state", number: c + 1, at, size: states.sizes[c]! })),
  ];
  const { dimension, values } = space;
  return {
    class: rows.map(() => space.classNumber),
    of: rows.map(({ what }) => what),
    number: rows.map(({ number }) => number),
    particles: rows.map(({ size }) => size),
    centreKey: rows.map(({ at }) => space.keys[at]!),
    centreParticle: rows.map(({ at }) => space.indices[at]!),
    ...Object.fromEntries(
      Array.from({ length: dimension }, (_, d) => [`z${d + 1}`, rows.map(({ at }) => values[at * dimension + d]!)]),
    ),
  };
}

/**
 * Latents from a table: `key`, z1 … zd, and `class` (from 1; one class where the column is missing). Takes columns by name
 * or a danfojs data frame, so `particles.csv` of a run and tables of other programs come in alike.
 */
export function latentsFromTable(table: TableColumns | FrameLike): ParticleLatents {
  const columns = isFrame(table) ? columnsOfFrame(table) : table;
  const keys = columns["key"];
  check(keys !== undefined, "table", "a column key", Object.keys(columns).join(", "));
  const names = Object.keys(columns).filter((name) => /^z[1-9]\d*$/.test(name));
  names.sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
  check(names.length > 0, "table", "columns z1, z2, …", Object.keys(columns).join(", "));
  names.forEach((name, d) => {
    check(name === `z${d + 1}`, "table", `a column z${d + 1}`, name);
    check(columns[name]!.length === keys.length, `table.${name}`, `${keys.length} values`, columns[name]!.length);
  });
  const zDim = names.length;
  const z = new Float64Array(keys.length * zDim);
  names.forEach((name, d) => {
    columns[name]!.forEach((value, i) => {
      z[i * zDim + d] = Number(value);
    });
  });
  const classes = columns["class"]?.map((value) => {
    check(Number.isInteger(Number(value)) && Number(value) >= 1, "table.class", "class numbers from 1", value);
    return Number(value) - 1;
  });
  return { keys: keys.map(String), zDim, assignments: { z, ...(classes && { classes }) } };
}

function isFrame(table: TableColumns | FrameLike): table is FrameLike {
  return "values" in table && "iloc" in table;
}

function columnsOfFrame({ columns, values }: FrameLike): TableColumns {
  const rows = values as readonly (readonly (string | number)[])[];
  return Object.fromEntries(columns.map((name, c) => [name, rows.map((row) => row[c]!)]));
}

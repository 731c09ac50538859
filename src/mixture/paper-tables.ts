/** @file What the published method learns of every image: scores, z, rotation and shift under every class, by dense Adam. */
import type { Random } from "../core/random.js";
import { adamRowsRest } from "../engine/adam-rest.js";
import { type AdamRowsState, adamRowsStep, newAdamRowsState } from "../engine/adam-rows.js";
import type { IMAGE_VARIABLES } from "./paper-loss.js";
import type { PaperSchedule } from "./paper-schedule.js";
import type { ImageVariables } from "./paper-trainer.js";

export type TableName = (typeof IMAGE_VARIABLES)[number];

/** A row per image. */
export interface LearntTable {
  /** Float32[count width] */
  readonly values: Float32Array;
  readonly adam: AdamRowsState;
  readonly learningRate: number;
  /** Steps of the optimiser; a row whose `adam.t` is less has rested since and will drift to here. */
  steps: number;
}

export type PaperTables = Readonly<Record<TableName, LearntTable>>;

/** Spread of z at the start. */
export const Z_SPREAD = 0.1;

/** Scores 0, z small and random, rotations the identity, shifts 0. */
export function createPaperTables(
  count: number,
  { K, zDim }: { readonly K: number; readonly zDim: number },
  rates: Pick<PaperSchedule, "zRate" | "poseRate" | "scoreRate">,
  random: Random,
): PaperTables {
  const table = (width: number, learningRate: number, value: (i: number) => number): LearntTable => ({
    values: Float32Array.from({ length: count * width }, (_, i) => value(i)),
    adam: newAdamRowsState(count, width),
    learningRate,
    steps: 0,
  });
  return {
    scores: table(K, rates.scoreRate, () => 0),
    z: table(K * zDim, rates.zRate, () => Z_SPREAD * random.normal()),
    rotations: table(6 * K, rates.poseRate, (i) => (i % 6 === 0 || i % 6 === 4 ? 1 : 0)),
    shifts: table(2 * K, rates.poseRate, () => 0),
  };
}

/** The rows of `images`, brought to the present. */
export function takeRows(tables: PaperTables, images: Int32Array): ImageVariables {
  const rows = (name: TableName): Float32Array => {
    const table = tables[name];
    adamRowsRest(table.values, images, table.steps, table.adam, table);
    const width = widthOf(table);
    const out = new Float32Array(images.length * width);
    images.forEach((image, i) => {
      out.set(table.values.subarray(image * width, (image + 1) * width), i * width);
    });
    return out;
  };
  return { scores: rows("scores"), z: rows("z"), rotations: rows("rotations"), shifts: rows("shifts") };
}

/** One step of Adam on the rows of `images`, which are at the present; the other rows rest. */
export function stepRows(table: LearntTable, images: Int32Array, gradients: Float32Array): void {
  adamRowsStep(table.values, images, gradients, table.adam, table);
  table.steps++;
}

/** All rows as they stand now, a copy. */
export function presentValues({ values, adam, learningRate, steps }: LearntTable): Float32Array {
  const out = values.slice();
  const state = { m: adam.m.slice(), v: adam.v.slice(), t: adam.t.slice() };
  adamRowsRest(out, Int32Array.from(adam.t.keys()), steps, state, { learningRate });
  return out;
}

/** Numbers of a row. */
export function widthOf({ values, adam }: LearntTable): number {
  return values.length / adam.t.length;
}

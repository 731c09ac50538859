/**
 * @file A RELION classification: run_itNNN_data.star with classes, certainties and poses, and run_itNNN_model.star beside it with
 * what RELION says of each class.
 */
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { IolausError } from "../core/errors.js";
import type { ForeignClass, ForeignRun } from "./foreign-run.js";
import { listStar } from "./list-star.js";
import { findBlock, readStar, type StarTable } from "./star.js";
import { particleTables, readColumns } from "./star-optics.js";
import { readPoses } from "./star-poses.js";
import { hasColumn, numberColumns, textColumns } from "./star-table.js";

/** Read a classification; `model` @default the `_model.star` beside a `_data.star`, where it is there. */
export function readRelionClasses(path: string, model?: string): ForeignRun {
  const star = readStar(path);
  const tables = particleTables(star);
  const hasCtf = hasColumn(tables.particles, "rlnDefocusU");
  const list = listStar(path, { ctf: hasCtf, pixelSize: true });
  const column = readColumns(tables, ["rlnClassNumber", "rlnMaxValueProbDistribution"]);
  const numbers = column("rlnClassNumber");
  if (numbers === null)
    throw new IolausError(
      "bad-file",
      `${path}: expected classes, got particles without rlnClassNumber; is it a _data.star?`,
    );
  const wrong = numbers.findIndex((k) => !(Number.isInteger(k) && k >= 1));
  if (wrong >= 0)
    throw new IolausError(
      "bad-file",
      `${path}: expected classes from 1, got ${numbers[wrong]} for ${list.keys[wrong]}`,
    );
  const modelPath = model ?? path.replace(/_data\.star$/, "_model.star");
  const said = modelPath !== path && (model !== undefined || existsSync(modelPath)) ? modelClasses(modelPath) : [];
  const K = Math.max(
    said.length,
    numbers.reduce((a, b) => Math.max(a, b), 1),
  );
  const counted = new Float64Array(K);
  for (const k of numbers) counted[k - 1]! += 1 / numbers.length;
  const certainty = column("rlnMaxValueProbDistribution");
  const ctfs = hasCtf ? list.ctfs() : null;
  const pixelSizeAngstrom = list.pixelSizeAngstrom ?? Number.NaN; // a file of Å needs none
  const poses = readPoses({ star, pixelSizeAngstrom }) ?? null;
  if (poses !== null && !poses.shiftsAngstrom.every(Number.isFinite))
    throw new IolausError(
      "bad-file",
      `${path}: expected a pixel size for origins in pixels, got none; add rlnDetectorPixelSize`,
    );
  return {
    kind: "foreign-run",
    program: "relion",
    path,
    keys: list.keys,
    K,
    zDim: 0,
    assignments: {
      classes: Int32Array.from(numbers, (k) => k - 1),
      z: new Float32Array(0),
      certainty: certainty === null ? null : Float32Array.from(certainty),
      poses,
    },
    classes: Array.from(
      counted,
      (share, k): ForeignClass => said[k] ?? { share, resolutionAngstrom: null, volumePath: null },
    ),
    ctf: ctfs,
  };
}

function modelClasses(path: string): ForeignClass[] {
  const table = findBlock(readStar(path), "model_classes")?.table;
  if (table == null || !hasColumn(table, "rlnClassDistribution"))
    throw new IolausError(
      "bad-file",
      `${path}: expected data_model_classes with rlnClassDistribution, got none; is it a _model.star?`,
    );
  const share = numberColumns(table, ["rlnClassDistribution"], path)[0]!;
  const resolution = texts(table, "rlnEstimatedResolution")?.map(Number); // "inf" for an empty class
  const names = texts(table, "rlnReferenceImage");
  return Array.from(share, (s, k): ForeignClass => {
    const beside = names === null ? "" : join(dirname(path), basename(names[k]!));
    const isKnown = resolution !== undefined && resolution[k]! > 0 && resolution[k]! < Number.POSITIVE_INFINITY;
    return {
      share: s,
      resolutionAngstrom: isKnown ? resolution[k]! : null,
      volumePath: names !== null && existsSync(beside) ? beside : null,
    };
  });
}

function texts(table: StarTable, label: string): readonly string[] | null {
  return hasColumn(table, label) ? textColumns(table, [label])[0]! : null;
}

/** @file The fields of a finished run, from its checkpoint, and which of them were fitted to images. */
import { existsSync } from "node:fs";
import { check } from "../core/errors.js";
import type { Decoder } from "../encoder/encoder-options.js";
import type { Field, FieldConfig } from "../field/field.js";
import { readCheckpoint } from "../io/checkpoint.js";
import type { RunFolder } from "./run-folder.js";
import type { RunManifest } from "./run-manifest.js";

/** One field per class. */
export function runDecoder(folder: RunFolder, manifest: RunManifest): Decoder {
  return { kind: "decoder", fields: runFields(folder, manifest).map(({ field }) => field) };
}

export interface RunField {
  readonly field: Field;
  /** False for a class whose motion was never learnt: its map is what its images make, and the field says nothing. */
  readonly isFitted: boolean;
}

/** The fields of all classes, in order. */
export function runFields(folder: RunFolder, manifest: RunManifest): readonly RunField[] {
  const path = folder.file("checkpoint");
  check(existsSync(path), path, "the checkpoint of the run, which holds its fields", "no such file");
  const { arrays } = readCheckpoint(path);
  const fields: RunField[] = [];
  for (let k = 0; ; k++) {
    const prefix = `field ${k} `;
    const own = Object.entries(arrays).filter(([name]) => name.startsWith(prefix));
    if (own.length === 0) break;
    const weights = Object.fromEntries(own.map(([name, array]) => [name.slice(prefix.length), array as Float32Array]));
    const isFitted = Object.keys(arrays).some((name) => name.startsWith(`adam ${k} m `));
    fields.push({ field: { kind: "field", config: configOf(weights, manifest), weights }, isFitted });
  }
  return fields;
}

function configOf(weights: Readonly<Record<string, Float32Array>>, { settings, input }: RunManifest): FieldConfig {
  const width = weights["input.bias"]!.length;
  const pixelSizeAngstrom = (input.box * input.pixelSizeAngstrom) / settings.box;
  return {
    width,
    zDim: (weights["input.latent"]?.length ?? 0) / width,
    frequencies: weights["basis"]!.length / 3,
    depth: Object.keys(weights).filter((name) => /^residual\.\d+\.weight$/.test(name)).length,
    supportPixels: settings.diameterAngstrom / 2 / pixelSizeAngstrom,
  };
}

/** @file The fields of a finished run, from its checkpoint. */
import { existsSync } from "node:fs";
import { check } from "../core/errors.js";
import type { Decoder } from "../encoder/encoder-options.js";
import type { Field, FieldConfig } from "../field/field.js";
import { readCheckpoint } from "../io/checkpoint.js";
import type { RunFolder } from "./run-folder.js";
import type { RunManifest } from "./run-manifest.js";

/** One field per class. */
export function runDecoder(folder: RunFolder, manifest: RunManifest): Decoder {
  const path = folder.file("checkpoint");
  check(existsSync(path), path, "the checkpoint of the run, which holds its fields", "no such file");
  const { arrays } = readCheckpoint(path);
  const fields: Field[] = [];
  for (let k = 0; ; k++) {
    const prefix = `field ${k} `;
    const own = Object.entries(arrays).filter(([name]) => name.startsWith(prefix));
    if (own.length === 0) break;
    const weights = Object.fromEntries(own.map(([name, array]) => [name.slice(prefix.length), array as Float32Array]));
    fields.push({ kind: "field", config: configOf(weights, manifest), weights });
  }
  return { kind: "decoder", fields };
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

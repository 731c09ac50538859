/** @file A trained encoder as plain data: the network, how images become its inputs, and its file. */
import { IolausError } from "../core/errors.js";
import { readCheckpoint, writeCheckpoint } from "../io/checkpoint.js";
import { type EncoderConfig, type EncoderNetwork, encoderShapes } from "./encoder.js";
import type { EncoderInput } from "./encoder-input.js";

export interface Encoder {
  readonly kind: "encoder";
  readonly network: EncoderNetwork;
  readonly input: EncoderInput;
}

/** Write the encoder as the file `path` (safetensors). */
export function writeEncoder(path: string, { network, input }: Encoder): void {
  const { signalEnvelope, noiseSigma, ...facts } = input;
  writeCheckpoint(path, {
    meta: { kind: "encoder", format: 2, config: network.config, input: facts },
    arrays: { ...network.weights, signalEnvelope, noiseSigma },
  });
}

/** Read what `writeEncoder` wrote. */
export function readEncoder(path: string): Encoder {
  const { meta, arrays } = readCheckpoint(path);
  const { kind, format, config, input } = meta as { kind?: string; format?: number } & {
    config: EncoderConfig;
    input: Omit<EncoderInput, "signalEnvelope" | "noiseSigma">;
  };
  if (kind !== "encoder" || format !== 2)
    throw new IolausError("bad-file", `${path}: expected an encoder, got ${kind ?? "another kind of checkpoint"}`);
  const { signalEnvelope, noiseSigma, ...weights } = arrays as Readonly<Record<string, Float32Array>>;
  for (const [name, shape] of Object.entries(encoderShapes(config))) {
    const size = shape.reduce((a, b) => a * b, 1);
    if (weights[name]?.length !== size)
      throw new IolausError(
        "bad-file",
        `${path}: expected ${size} numbers in "${name}", got ${weights[name]?.length ?? "none"}; train the encoder again`,
      );
  }
  return {
    kind: "encoder",
    network: { kind: "encoder-network", config, weights },
    input: { ...input, signalEnvelope: signalEnvelope!, noiseSigma: noiseSigma! },
  };
}

/** @file Some of the particles of a source, as a source. */
import { check } from "../core/errors.js";
import type { ParticleSource } from "../core/types.js";

/** The particles `rows` of `source`, in that order. Closing it closes the source. */
export function particleSubset(source: ParticleSource, rows: ArrayLike<number>): ParticleSource {
  const at = Int32Array.from(rows);
  const wrong = at.find((row) => row < 0 || row >= source.count);
  check(wrong === undefined, "rows", `indices from 0 to ${source.count - 1}`, wrong);
  const { kind, path, box, pixelSizeAngstrom, hasCtf, gridOf, files } = source;
  return {
    ...{ kind, path, box, pixelSizeAngstrom, hasCtf, count: at.length },
    ...(files !== undefined && { files }),
    ...(gridOf !== undefined && { gridOf: (i: number) => gridOf(at[i]!) }),
    keys: Array.from(at, (row) => source.keys[row]!),
    optics: (i) => source.optics(at[i]!),
    defocus: (i) => source.defocus(at[i]!),
    readImage: (i, out) => source.readImage(at[i]!, out),
    close: () => source.close(),
  };
}

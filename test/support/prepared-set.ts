/** @file Working sets of known content, written without imaging/prepare.ts: whitened coefficients as they should be. */
import { writeFileSync } from "node:fs";
import type { Random } from "../../src/core/random.js";
import type { Defocus, Optics } from "../../src/core/types.js";
import type { Matrix3 } from "../../src/geometry/rotation.js";
import { type BeadModel, beadProjection } from "../../src/imaging/bead-model.js";
import { halfPlane } from "../../src/imaging/half-plane.js";
import type { PreparedParticles } from "../../src/imaging/prepare.js";
import { ctf } from "../../src/optics/ctf.js";

export interface Contrast {
  readonly optics: Optics;
  readonly defocus: Defocus;
}

/** A microscope at 300 kV, underfocused by `defocusAngstrom`. */
export function titan(defocusAngstrom: number): Contrast {
  return {
    optics: { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 },
    defocus: { uAngstrom: defocusAngstrom, vAngstrom: defocusAngstrom, angleRad: 0, phaseShiftRad: 0 },
  };
}

/** Write rows of Float32[points 2] as the working set `file`. The signal's envelope is 1. */
export function writePrepared(
  file: string,
  content: {
    readonly box: number;
    readonly pixelSizeAngstrom: number;
    readonly rows: readonly Float32Array[];
    readonly contrast?: readonly Contrast[];
    readonly signalEnvelope?: Float32Array;
  },
): PreparedParticles {
  const { box, pixelSizeAngstrom, rows, contrast } = content;
  const count = rows.length;
  writeFileSync(file, Buffer.concat(rows.map((row) => Buffer.from(row.buffer, row.byteOffset, row.byteLength))));
  const table = new Float64Array(8 * count);
  contrast?.forEach(({ optics: o, defocus: d }, i) => {
    const microscope = [1, o.voltageKv, o.sphericalAberrationMm, o.amplitudeContrast];
    table.set([...microscope, d.uAngstrom, d.vAngstrom, d.angleRad, d.phaseShiftRad], 8 * i);
  });
  return {
    kind: "prepared-particles",
    file,
    count,
    box,
    pixelSizeAngstrom,
    diameterAngstrom: 0.7 * box * pixelSizeAngstrom,
    dataSign: 1,
    contrastSign: { sign: 0, score: 0 },
    points: halfPlane(box).count,
    keys: rows.map((_, i) => `${i + 1}@known`),
    contrast: table,
    noiseSigma: new Float32Array(box / 2).fill(1),
    snr: new Float32Array(box / 2).fill(1),
    windowPower: 1,
    signalEnvelope: content.signalEnvelope ?? new Float32Array(box / 2).fill(1),
  };
}

export interface KnownImage {
  readonly model: BeadModel;
  readonly rotation: Matrix3;
  readonly shiftAngstrom: readonly [number, number];
  readonly contrast?: Contrast;
}

/** C · projection · scale at every point of the half-plane, plus noise of variance 1 in Re and Im if `noise` is given. */
export function knownRow(
  image: KnownImage,
  grid: { readonly box: number; readonly pixelSizeAngstrom: number },
  scale: number,
  noise?: Random,
): Float32Array {
  const { box, pixelSizeAngstrom } = grid;
  const plane = halfPlane(box);
  const values = beadProjection(image.model, grid, image);
  const transfer = image.contrast === undefined ? () => 1 : ctf(image.contrast.optics, image.contrast.defocus);
  const step = 1 / (box * pixelSizeAngstrom);
  const row = new Float32Array(2 * plane.count);
  for (let p = 0; p < plane.count; p++) {
    const [kx, ky] = [plane.kx[p]!, plane.ky[p]!];
    const at = 2 * (((ky + box) % box) * box + kx);
    const gain = scale * transfer(kx * step, ky * step);
    row[2 * p] = gain * values[at]! + (noise?.normal() ?? 0);
    row[2 * p + 1] = gain * values[at + 1]! + (noise?.normal() ?? 0);
  }
  return row;
}

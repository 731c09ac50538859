/**
 * @file Slices of one raster at every rotation of a grid, laid out in tiles for matrix products.
 *
 * With y = C·x shifted by t, the log-likelihood of rotation r is, up to ½‖x‖²,
 *
 *     score(r, t) = ⟨y_t, S_r⟩ − ½ ⟨C², |S_r|²⟩ = Σ Re y Re S + Σ Im y Im S − ½ Σ C² |S|²
 *
 * so templates depend on the volume alone and serve every image (methods 8.2). Half a turn in the image plane
 * makes S its complex conjugate: the two sums, added and subtracted, score both, so half the grid is kept.
 */
import type { Rotations } from "../core/types.js";
import type { Slicer } from "./slicer.js";

/** Columns of a tile: the products of a tile stay in the cache of a core. */
const WIDTH = 288;

/** Templates of `width` neighbouring rotations: Float32[points width], row = point. */
export interface TemplateTile {
  readonly re: Float32Array;
  readonly im: Float32Array;
  readonly power: Float32Array;
}

export interface TemplateBank {
  readonly kind: "template-bank";
  readonly points: number;
  /** Rotations held; the grid has twice as many. */
  readonly count: number;
  readonly width: number;
  /** The last one is filled up with zeros. */
  readonly tiles: readonly TemplateTile[];
}

/** A bank of zeros for `count` rotations, to be filled by `fillTemplateBank`. */
export function emptyTemplateBank(points: number, count: number): TemplateBank {
  const width = Math.min(WIDTH, count);
  const zeros = (): Float32Array => new Float32Array(points * width);
  const tiles = Array.from({ length: Math.ceil(count / width) }, () => ({ re: zeros(), im: zeros(), power: zeros() }));
  return { kind: "template-bank", points, count, width, tiles };
}

/** Bytes of a bank. */
export function templateBankBytes(points: number, count: number): number {
  const width = Math.min(WIDTH, count);
  return 12 * points * width * Math.ceil(count / width);
}

/** Slices written together: one cache line. */
const LINE = 16;

/** Fill `bank` with the slices that `slicer` makes at the first `bank.count` of `rotations`. */
export function fillTemplateBank(bank: TemplateBank, slicer: Pick<Slicer, "slice">, rotations: Rotations): void {
  const { points, count, width, tiles } = bank;
  const room = (): Float32Array[] => Array.from({ length: LINE }, () => new Float32Array(points));
  const [res, ims] = [room(), room()];
  tiles.forEach(({ re, im, power }, tile) => {
    const held = Math.min(width, count - tile * width);
    for (let from = 0; from < held; from += LINE) {
      const line = Math.min(LINE, held - from);
      for (let r = 0; r < line; r++) {
        const slice = slicer.slice(points, rotations.matrices, 9 * (tile * width + from + r));
        res[r]!.set(slice.re.subarray(0, points));
        ims[r]!.set(slice.im.subarray(0, points));
      }
      for (let p = 0; p < points; p++)
        for (let r = 0, at = p * width + from; r < line; r++, at++) {
          const x = res[r]![p]!;
          const y = ims[r]![p]!;
          re[at] = x;
          im[at] = y;
          power[at] = x * x + y * y;
        }
    }
  });
}

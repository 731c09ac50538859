/**
 * @file Every rotation of a grid × every shift for a block of images: matrix products in the engine.
 *
 * Two products per tile of templates, added and subtracted (template-bank.ts), then the largest over the shifts,
 * so that one number per rotation leaves the engine. On one core at box 64, radius 12, 4,608 rotations × 49 shifts
 * this takes 1.1 ms per image in tiles of 288 columns, 1.5 ms in one piece and 2.8 ms without the half turn. In-plane
 * angles by angular orders (a product per order over 10 rings, then the inverse transform of 24 angles as a product) took
 * 1.5 times as long as the tiles at radius 10, resampling to rings and norms not counted: not kept. Branch and bound:
 * scored at radius 8 instead of 10 (98 of 158 points), 60 % of the rotations at SNR 0.3 and 96 % at 0.1 cannot be ruled
 * out for the best 24 by the bound that never errs; a bound that drops a twelfth of those 24 at SNR 0.02 still leaves 30
 * to 60 %. Not kept either.
 */
import { type Compiled, compile } from "../engine/compile.js";
import type { HalfPlane } from "../imaging/half-plane.js";
import type { LoadedImage } from "./loaded-image.js";
import { shiftPhases } from "./shift-grid.js";
import type { TemplateBank } from "./template-bank.js";

/** Images per product. */
export const BLOCK = 8;

export interface GlobalScores {
  /** Take the images of a block, at most BLOCK. */
  setImages(images: readonly LoadedImage[]): void;
  /** Float32[BLOCK][count]: for every image and rotation of the grid, the score at its best shift. Overwritten by the next call. */
  score(bank: TemplateBank): Promise<readonly Float32Array[]>;
  dispose(): Promise<void>;
}

/** For grids of `count` rotations (search-grid.ts) and the first `points` of `plane`. */
export async function createGlobalScores(
  plane: HalfPlane,
  points: number,
  shifts: Float64Array,
  count: number,
  width: number,
): Promise<GlobalScores> {
  const phases = Array.from({ length: shifts.length / 2 }, (_, t) =>
    shiftPhases(plane, points, shifts[2 * t]!, shifts[2 * t + 1]!),
  );
  const program = await scoreProgram(phases.length, points, width);
  const re = new Float32Array(BLOCK * phases.length * points);
  const im = new Float32Array(re.length);
  const squares = new Float32Array(BLOCK * points);
  const scores = Array.from({ length: BLOCK }, () => new Float32Array(count));
  const outputs = { plus: new Float32Array(BLOCK * width), minus: new Float32Array(BLOCK * width) };

  function setImages(images: readonly LoadedImage[]): void {
    images.forEach((image, b) => {
      for (let p = 0; p < points; p++) squares[b * points + p] = -0.5 * image.squares[p]!;
      phases.forEach((phase, t) => {
        let to = (b * phases.length + t) * points;
        for (let i = 0; i < 2 * points; i += 2, to++) {
          const u = image.y[i]!;
          const v = image.y[i + 1]!;
          re[to] = u * phase[i]! - v * phase[i + 1]!;
          im[to] = u * phase[i + 1]! + v * phase[i]!;
        }
      });
    });
  }

  async function score(bank: TemplateBank): Promise<readonly Float32Array[]> {
    const half = count / 2;
    for (const [tile, templates] of bank.tiles.entries()) {
      await program.run({ re, im, squares, ...tileInputs(templates) }, outputs);
      const from = tile * width;
      const held = Math.min(width, half - from);
      for (let b = 0; b < BLOCK; b++) {
        scores[b]!.set(outputs.plus.subarray(b * width, b * width + held), from);
        scores[b]!.set(outputs.minus.subarray(b * width, b * width + held), half + from);
      }
    }
    return scores;
  }

  return { setImages, score, dispose: () => program.dispose() };
}

function tileInputs({ re, im, power }: TemplateBank["tiles"][number]): Record<string, Float32Array> {
  return { templatesRe: re, templatesIm: im, power };
}

/** plus, minus [BLOCK width]: the largest over shifts of Re·Re ± Im·Im, less half the norm. */
function scoreProgram(shifts: number, points: number, width: number): Promise<Compiled> {
  const templates = [points, width];
  return compile(
    ({ re, im, squares, templatesRe, templatesIm, power }) => {
      const shape = [BLOCK, shifts, width];
      const a = re!.matMul(templatesRe!).reshape(shape);
      const b = im!.matMul(templatesIm!).reshape(shape);
      const norm = squares!.matMul(power!);
      return { plus: a.add(b).max(1).add(norm), minus: a.sub(b).max(1).add(norm) };
    },
    {
      re: [BLOCK * shifts, points],
      im: [BLOCK * shifts, points],
      squares: [BLOCK, points],
      templatesRe: templates,
      templatesIm: templates,
      power: templates,
    },
    { name: "pose scores", threads: 1 },
  );
}

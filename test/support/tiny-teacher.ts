/** @file A working set of one or two species with everything known, and the truth as a teacher. */
import type { Teacher } from "../../src/encoder/encoder-options.js";
import { rotationsOf } from "../../src/geometry/rotation.js";
import { type PreparedParticles, prepare } from "../../src/imaging/prepare.js";
import type { Recipe, Truth } from "../../src/imaging/simulate.js";
import { simulatedSource } from "./simulated-source.js";

/** The truth of simulated images as a table that an encoder can learn from; `zDim` 0 leaves the hinge out. */
export function truthAsTeacher(truths: readonly Truth[], K: number, zDim: 0 | 1): Teacher {
  const posterior = new Float32Array(K * truths.length);
  truths.forEach(({ species }, i) => {
    posterior[i * K + species] = 1;
  });
  return {
    classes: Int32Array.from(truths, ({ species }) => species),
    posterior,
    poses: {
      rotations: rotationsOf(truths.map(({ rotation }) => rotation)),
      shiftsAngstrom: Float64Array.from(truths.flatMap(({ shiftAngstrom }) => [...shiftAngstrom])),
    },
    z: Float32Array.from(zDim === 0 ? [] : truths.map(({ z }) => z)),
  };
}

export async function taughtSet(
  recipe: Recipe,
  file: string,
  zDim: 0 | 1 = 0,
): Promise<{ readonly set: PreparedParticles; readonly truths: readonly Truth[]; readonly teacher: Teacher }> {
  const { source, truths } = simulatedSource(recipe);
  const set = await prepare(source, file, { box: recipe.box, dataSign: 1, threads: 1 });
  return { set, truths, teacher: truthAsTeacher(truths, recipe.species.length, zDim) };
}

import type { ParticleSource } from "../../src/core/types.js";
import { type Recipe, simulate, type Truth } from "../../src/imaging/simulate.js";

/** A recipe's images held in memory, and their truth. */
export function simulatedSource(recipe: Recipe): { source: ParticleSource; truths: readonly Truth[] } {
  const images = [...simulate(recipe)];
  const source: ParticleSource = {
    kind: "particle-source",
    path: recipe.name,
    count: images.length,
    box: recipe.box,
    pixelSizeAngstrom: recipe.pixelSizeAngstrom,
    keys: images.map((_, i) => `${i}@${recipe.name}`),
    hasCtf: true,
    optics: (i) => images[i]!.truth.optics,
    defocus: (i) => images[i]!.truth.defocus,
    readImage(i, out = new Float32Array(recipe.box ** 2)) {
      out.set(images[i]!.pixels);
      return out;
    },
    close: () => {},
  };
  return { source, truths: images.map((image) => image.truth) };
}

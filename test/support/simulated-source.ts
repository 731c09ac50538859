import type { ParticleSource } from "../../src/core/types.js";
import {
  type Exposure,
  type ParticleModel,
  type Recipe,
  type SimulatedImage,
  simulate,
  simulateModels,
  type Truth,
} from "../../src/imaging/simulate.js";

export interface Simulated {
  readonly source: ParticleSource;
  readonly truths: readonly Truth[];
}

/** A recipe's images held in memory, and their truth. */
export function simulatedSource(recipe: Recipe): Simulated {
  return inMemory(recipe.name, recipe, [...simulate(recipe)]);
}

/** The images of any particles held in memory, and their truth. */
export function modelledSource(name: string, exposure: Exposure, model: ParticleModel): Simulated {
  return inMemory(name, exposure, [...simulateModels(exposure, model)]);
}

function inMemory(name: string, exposure: Exposure, images: readonly SimulatedImage[]): Simulated {
  const source: ParticleSource = {
    kind: "particle-source",
    path: name,
    count: images.length,
    box: exposure.box,
    pixelSizeAngstrom: exposure.pixelSizeAngstrom,
    keys: images.map((_, i) => `${i}@${name}`),
    hasCtf: true,
    optics: (i) => images[i]!.truth.optics,
    defocus: (i) => images[i]!.truth.defocus,
    readImage(i, out = new Float32Array(exposure.box ** 2)) {
      out.set(images[i]!.pixels);
      return out;
    },
    close: () => {},
  };
  return { source, truths: images.map((image) => image.truth) };
}

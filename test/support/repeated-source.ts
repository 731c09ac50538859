/** @file As many images as wanted from a few simulated ones, each time with noise of its own: nothing held but those few. */
import { seededRandom } from "../../src/core/random.js";
import type { ParticleSource } from "../../src/core/types.js";
import type { Simulated } from "./simulated-source.js";

/** Image i is image i mod n of `simulated` (n images) with further white noise of deviation `sigma`. */
export function repeatedSource({ source }: Simulated, count: number, sigma: number): ParticleSource {
  const n = source.count;
  return {
    ...source,
    count,
    keys: Array.from({ length: count }, (_, i) => `${i + 1}@repeated`),
    optics: (i) => source.optics(i % n),
    defocus: (i) => source.defocus(i % n),
    readImage(i, out) {
      const image = source.readImage(i % n, out);
      const random = seededRandom(i);
      for (let p = 0; p < image.length; p++) image[p]! += sigma * random.normal();
      return image;
    },
  };
}

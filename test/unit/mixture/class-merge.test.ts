import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { classesToKeep } from "../../../src/mixture/class-merge.js";

/** Images of `species`, each explained by the classes that hold its species, up to noise and a handicap per class. */
function evidenceOf(species: readonly number[], holds: readonly number[], handicap: readonly number[]): Float32Array {
  const random = seededRandom(2);
  return Float32Array.from({ length: species.length * holds.length }, (_, i) => {
    const [image, k] = [Math.floor(i / holds.length), i % holds.length];
    return (species[image] === holds[k] ? 0 : -60) - handicap[k]! + 5 * random.normal();
  });
}
const species = Array.from({ length: 300 }, (_, i) => i % 3);

describe("dropping surplus classes", () => {
  test("keeps one class of each species, the better of two that hold the same", () => {
    const evidence = evidenceOf(species, [0, 1, 0, 2, 1, 2], [3, 0, 0, 8, 2, 0]);
    expect(classesToKeep(evidence, 6, 3)).toEqual([1, 2, 5]);
  });

  test("drops an empty class first", () => {
    const evidence = evidenceOf(species, [0, 7, 1, 2], [0, 0, 0, 0]); // no image is of species 7
    expect(classesToKeep(evidence, 4, 3)).toEqual([0, 2, 3]);
  });

  test("keeps them all when there are no more than asked for", () => {
    const evidence = evidenceOf(species, [0, 1, 2], [0, 0, 0]);
    expect(classesToKeep(evidence, 3, 3)).toEqual([0, 1, 2]);
    expect(classesToKeep(evidence, 3, 5)).toEqual([0, 1, 2]);
  });

  test("sees a small species: sizes do not decide", () => {
    const unequal = Array.from({ length: 300 }, (_, i) => (i < 20 ? 2 : i % 2));
    const evidence = evidenceOf(unequal, [0, 0, 1, 2], [0, 2, 0, 0]);
    expect(classesToKeep(evidence, 4, 3)).toEqual([0, 2, 3]);
  });
});

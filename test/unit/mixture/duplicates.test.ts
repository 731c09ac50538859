import { describe, expect, test } from "vitest";
import {
  classLikeness,
  joinClasses,
  largeEnough,
  leastMissed,
  speciesOfClasses,
  withoutFaint,
} from "../../../src/mixture/duplicates.js";
import { bestSeed, createImageTable } from "../../../src/mixture/image-table.js";

const rows = (...values: number[][]): Float64Array[] => values.map((row) => Float64Array.from(row));

describe("likeness of classes", () => {
  test("is 1 with itself, the evidence that survives a change of places between two, and symmetric", () => {
    const likeness = classLikeness(rows([200, 90], [60, 100]));
    expect(likeness.map((row) => [...row])).toEqual([
      [1, 0.5],
      [0.5, 1],
    ]);
  });

  test("is 0 with a class too small to say, and never negative", () => {
    const likeness = classLikeness(rows([200, 0, -50], [0, 0, 0], [-80, 0, 150]));
    expect([...likeness[0]!]).toEqual([1, 0, 0]);
    expect([...likeness[1]!]).toEqual([0, 0, 0]);
  });
});

describe("species of classes", () => {
  test("are as many as classes where none are alike", () => {
    expect([...speciesOfClasses(rows([1, 0.88], [0.88, 1]))]).toEqual([0, 1]);
  });

  test("take in what is like all of them, the most alike first", () => {
    const likeness = rows([1, 0.89, 0.97, 0.2], [0.89, 1, 0.96, 0.1], [0.97, 0.96, 1, 0.3], [0.2, 0.1, 0.3, 1]);
    expect([...speciesOfClasses(likeness)]).toEqual([0, 0, 0, 3]);
  });

  test("are not bridged by a class that holds two of them", () => {
    const likeness = rows([1, 0.5, 0.97], [0.5, 1, 0.96], [0.97, 0.96, 1]);
    expect([...speciesOfClasses(likeness)]).toEqual([0, 1, 0]);
  });
});

describe("the class that is missed least", () => {
  const evidence = rows([50, 20, 49], [18, 40, 17], [48, 21, 50]);

  test("is the one whose images lose least, all together", () => {
    expect(leastMissed(evidence, [100, 100, 100], [0, 1, 2])).toBe(0); // 100 · 1, against 2200 and 200
    expect(leastMissed(evidence, [300, 100, 100], [0, 1, 2])).toBe(2); // 300, 2200, 200
    expect(leastMissed(evidence, [300, 100, 100], [0, 1])).toBe(1); // 9000, 2200
  });

  test("is the smallest where nothing is known", () => {
    expect(leastMissed(rows([0, 0], [0, 0]), [7, 4], [0, 1])).toBe(1);
  });
});

test("classes of fewer than 40 images are none; in a set of few images, those of less than half an even share", () => {
  expect(largeEnough([500, 39, 0, 40], [0, 1, 3])).toEqual([0, 3]);
  expect(largeEnough([25, 35, 9], [0, 1])).toEqual([0, 1]);
  expect(largeEnough([25, 35, 9], [0, 1, 2])).toEqual([0, 1]);
  expect(largeEnough([0, 0], [0])).toEqual([0]);
});

test("classes that hold no particle are those whose images hardly explain one another", () => {
  const evidence = rows([200, 0, 0, 0], [0, 40, 0, 0], [0, 0, 150, 0], [0, 0, 0, 0]);
  const sizes = [100, 100, 100, 100];
  expect(withoutFaint(evidence, sizes, [0, 1, 2, 3])).toEqual([0, 2]);
  expect(withoutFaint(evidence, sizes, [1, 3])).toEqual([1]);
  expect(withoutFaint(rows([0, 0], [0, 0]), sizes, [0, 1])).toEqual([0, 1]); // nothing is known
  expect(withoutFaint(evidence, [100, 39, 100, 40], [0, 1, 2, 3])).toEqual([0, 1, 2]); // too small to be judged
});

describe("classes joined", () => {
  test("take the images over with certainty, leave others and images not seen yet", () => {
    const classes = Int32Array.of(0, 2, 1, -1);
    const posterior = Float32Array.of(0.5, 0.25, 0.25, 0.125, 0.125, 0.75, 0.25, 0.5, 0.25, 0.25, 0.25, 0.5);
    const table = createImageTable(4, 3, 0);
    table.seeds.forEach((_, at) => {
      table.seeds[at] = Math.floor(at / bestSeed(1)); // image · 3 + class
    });
    table.drawnClass.set(classes);
    joinClasses({ ...table, classes, posterior }, Int32Array.of(0, 1, 0));
    expect([...table.drawnClass]).toEqual([0, 0, 1, -1]);
    expect(Array.from({ length: 4 }, (_, i) => table.drawnPose[9 * i])).toEqual([0, 3, 0, 0]);
    expect([...classes]).toEqual([0, 0, 1, -1]);
    expect([...posterior]).toEqual([0.5, 0.25, 0.25, 1, 0, 0, 0.25, 0.5, 0.25, 0.25, 0.25, 0.5]);
  });
});

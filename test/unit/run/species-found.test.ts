import { expect, test } from "vitest";
import type { Joining } from "../../../src/mixture/state.js";
import { speciesFound } from "../../../src/run/species-found.js";

const four: Joining = {
  stage: "restart again",
  likeness: [
    [1, 0.4, 0.97, 0.1],
    [0.4, 1, 0.41, 0.1],
    [0.97, 0.41, 1, 0],
    [0.1, 0.1, 0, 1],
  ],
  evidence: [200.4, 150, 199, 12],
  home: [0, 1, 0, 3],
  kept: [0, 1],
};

test("what became of the classes is told in sentences", () => {
  expect(speciesFound("auto", [four])).toEqual([
    "Before “restart again”, 4 classes were compared on images that they had not learnt from; 1 held a species that another holds too and were joined to it; 1 held no particle; 2 stayed, with a log-evidence per image of 200, 150; the most alike of them share 40 %.",
  ]);
  expect(speciesFound(2, [four])[0]).toContain("1 were more than asked for and missed least");
});

test("nothing is told of a single class, nor of comparisons that changed nothing, but for the last", () => {
  expect(speciesFound(1, [{ stage: "refine", likeness: [[1]], evidence: [9], home: [0], kept: [0] }])).toEqual([]);
  const two: Joining = {
    ...four,
    likeness: [
      [1, 0.3],
      [0.3, 1],
    ],
    evidence: [9, 8],
    home: [0, 1],
    kept: [0, 1],
  };
  expect(speciesFound(2, [two, { ...two, stage: "refine" }])).toHaveLength(1);
});

import { existsSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rotationAt } from "../../../src/geometry/rotation.js";
import { simulate } from "../../../src/imaging/simulate.js";
import { openParticles } from "../../../src/io/particles.js";
import { readPoses } from "../../../src/io/star-poses.js";
import { changedRecipe, readRecipe, simulateFiles } from "../../../src/run/simulate-files.js";
import { readTruth } from "../../../src/run/truth.js";
import { relativeError } from "../../support/compare.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { tinyRecipe } from "../../support/tiny-recipe.js";

const at = temporaryFolder();

test("the files give back the images, CTF and truth that were drawn", async () => {
  const recipe = tinyRecipe(7);
  const files = simulateFiles(recipe, { out: at("set") });
  const drawn = [...simulate(recipe)];
  const source = await openParticles(files.particles);
  const truth = readTruth(files.truth);
  expect([source.count, source.box, source.pixelSizeAngstrom]).toEqual([7, 32, 9]);
  expect(truth.keys).toEqual(source.keys);
  drawn.forEach(({ truth: t, pixels }, i) => {
    expect(source.readImage(i)).toEqual(pixels);
    expect(source.optics(i)).toEqual(t.optics);
    const { uAngstrom, vAngstrom, angleRad, phaseShiftRad } = source.defocus(i);
    // The file keeps nine digits.
    expect(relativeError([uAngstrom, vAngstrom], [t.defocus.uAngstrom, t.defocus.vAngstrom])).toBeLessThan(1e-8);
    expect(angleRad).toBeCloseTo(t.defocus.angleRad, 7);
    expect(phaseShiftRad).toBe(0);
    expect(truth.species[i]).toBe(recipe.species[t.species]!.name);
    expect(truth.conformation![i]).toBeCloseTo(t.z, 8);
    expect(relativeError(rotationAt(truth.poses.rotations, i), t.rotation)).toBeLessThan(1e-8);
    expect(truth.poses.shiftsAngstrom[2 * i]).toBeCloseTo(t.shiftAngstrom[0], 6);
    expect(truth.poses.shiftsAngstrom[2 * i + 1]).toBeCloseTo(t.shiftAngstrom[1], 6);
  });
  source.close();
});

test("the particle list holds no poses, classes or species", async () => {
  const files = simulateFiles(tinyRecipe(3), { out: at("bare") });
  const source = await openParticles(files.particles);
  expect(readPoses(source)).toBeUndefined();
  const labels = source.star.blocks.flatMap((block) => block.table?.labels ?? []);
  expect(labels.filter((label) => /Angle(Rot|Tilt|Psi)|Origin|Class|iolaus/.test(label))).toEqual([]);
  source.close();
});

test("images are shared out as in the recipe, and their sum is exact", () => {
  const recipe = { ...tinyRecipe(10), counts: [500, 300, 200] };
  expect(changedRecipe(recipe, { images: 10 }).counts).toEqual([5, 3, 2]);
  for (const images of [1, 7, 11, 999]) {
    const { counts } = changedRecipe(recipe, { images });
    expect(counts.reduce((a, b) => a + b)).toBe(images);
  }
  expect(changedRecipe(recipe, { seed: 5 })).toEqual({ ...recipe, seed: 5 });
  expect(() => changedRecipe(recipe, { images: 0 })).toThrow("images: expected a whole number of at least 1, got 0");
});

test("files that are there are not overwritten", () => {
  simulateFiles(tinyRecipe(2), { out: at("twice") });
  expect(() => simulateFiles(tinyRecipe(2), { out: at("twice") })).toThrow(
    /twice\/particles\.mrcs: expected no such file yet, got one that is there; choose another folder/,
  );
});

test("a recipe that is not one is refused by what it lacks", () => {
  writeFileSync(at("empty.json"), "{}");
  expect(() => readRecipe(at("empty.json"))).toThrow(/empty\.json: expected a recipe, got one without seed, box/);
  writeFileSync(at("broken.json"), "{");
  expect(() => readRecipe(at("broken.json"))).toThrow(/broken\.json: expected a recipe as JSON/);
  expect(() => readRecipe(at("none.json"))).toThrow(/none\.json: expected a readable file/);
  expect(existsSync(at("none.json"))).toBe(false);
});

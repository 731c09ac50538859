/** @file The demo's species, few and small. */
import { readFileSync } from "node:fs";
import type { Recipe } from "../../src/imaging/simulate.js";
import { changedRecipe } from "../../src/run/simulate-files.js";

const demo: Recipe = JSON.parse(readFileSync(new URL("../../datasets/demo/recipe.json", import.meta.url), "utf8"));

export function tinyRecipe(images: number, change: Partial<Recipe> = {}): Recipe {
  return { ...changedRecipe(demo, { images }), box: 32, pixelSizeAngstrom: 9, ...change };
}

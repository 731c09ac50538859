/**
 * @file The demo set from five random starts: agreement of classes, rotation error, conformations, time.
 *
 * No poses or labels are given to the reconstruction. The gate: ARI ≥ 0.90 and a median rotation error of at most
 * 15° for every species, for at least four of five seeds.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rotationAt, rotationsOf } from "../../src/geometry/rotation.js";
import { prepare } from "../../src/imaging/prepare.js";
import type { Recipe, Truth } from "../../src/imaging/simulate.js";
import { adjustedRandIndex } from "../../src/metrics/adjusted-rand-index.js";
import { confusionTable, matchClasses } from "../../src/metrics/confusion-table.js";
import { median } from "../../src/metrics/quantile.js";
import { rotationError } from "../../src/metrics/rotation-error.js";
import { spearman } from "../../src/metrics/spearman.js";
import { reconstructMixture } from "../../src/mixture/reconstruct.js";
import type { Assignments } from "../../src/mixture/state.js";
import { simulatedSource } from "../support/simulated-source.js";

const LEAST_ARI = 0.9;
const LARGEST_ERROR_DEG = 15;
const SEEDS = [1, 2, 3, 4, 5];

/** Print a line per seed; true when the gate holds. */
export async function run(): Promise<boolean> {
  const recipe = JSON.parse(readFileSync("datasets/demo/recipe.json", "utf8")) as Recipe;
  const { source, truths } = simulatedSource(recipe);
  const folder = mkdtempSync(join(tmpdir(), "iolaus-accuracy-"));
  let reached = 0;
  try {
    const set = await prepare(source, join(folder, "set.f32"), { box: recipe.box });
    for (const seed of SEEDS) {
      const start = performance.now();
      let found: Assignments | undefined;
      for await (const state of reconstructMixture(set, { classes: recipe.species.length, seed }))
        if (state.fraction === 1) found = state.assignments();
      const seconds = (performance.now() - start) / 1e3;
      if (judge(recipe, truths, found!, `seed ${seed}, ${seconds.toFixed(0)} s`)) reached++;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(
    `${reached} of ${SEEDS.length} seeds reach ARI ≥ ${LEAST_ARI} and ≤ ${LARGEST_ERROR_DEG}° for every species`,
  );
  return reached >= 4;
}

/** Print what was found beside the truth; true when the gate holds for this seed. */
export function judge(recipe: Recipe, truths: readonly Truth[], found: Assignments, label: string): boolean {
  const species = truths.map((truth) => truth.species);
  const ari = adjustedRandIndex(found.classes, species);
  const table = confusionTable(found.classes, species);
  const { agreement } = matchClasses(table);
  const errors = recipe.species.map(({ name }, s) => {
    const members = largestClass(found, species, s);
    const rotations = rotationsOf(members.map((i) => rotationAt(found.poses.rotations, i)));
    const truth = rotationsOf(members.map((i) => truths[i]!.rotation));
    const degrees = (median(rotationError(rotations, truth).errorsRad) * 180) / Math.PI;
    const hinge = Math.abs(
      spearman(
        members.map((i) => found.z[i]!),
        members.map((i) => truths[i]!.z),
      ),
    );
    return { name, degrees, hinge };
  });
  const text = errors.map((e) => `${e.name} ${e.degrees.toFixed(1)}° (hinge |ρ| ${e.hinge.toFixed(2)})`).join(", ");
  console.log(`${label}: ARI ${ari.toFixed(3)}, agreement ${agreement.toFixed(3)}; median rotation error ${text}`);
  return ari >= LEAST_ARI && errors.every((e) => e.degrees <= LARGEST_ERROR_DEG);
}

/** Images of species s in the class that holds most of them. */
function largestClass(found: Assignments, species: readonly number[], s: number): number[] {
  const counts = new Map<number, number>();
  species.forEach((value, i) => {
    if (value === s) counts.set(found.classes[i]!, (counts.get(found.classes[i]!) ?? 0) + 1);
  });
  const [best] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
  return species.flatMap((value, i) => (value === s && found.classes[i] === best ? [i] : []));
}

import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { randomRotation } from "../../../src/geometry/rotation.js";
import { type BeadModel, beadProjection } from "../../../src/imaging/bead-model.js";
import { proceduralSpecies } from "../../support/procedural-species.js";
import { GRID } from "../../support/ribosplike.js";
import { hasSharedData } from "../../support/shared-data.js";
import { SPECIES, speciesModel } from "../../support/species.js";
import { p97, ryr1 } from "../../support/symmetric-species.js";

/** Moments of inertia, Å², ascending. */
function moments({ positionsAngstrom: p, weights }: BeadModel): number[] {
  const tensor = Matrix.zeros(3, 3);
  weights.forEach((w, j) => {
    const at = p.subarray(3 * j, 3 * j + 3);
    for (let a = 0; a < 3; a++)
      for (let b = 0; b < 3; b++) tensor.set(a, b, tensor.get(a, b) + (w * at[a]! * at[b]!) / weights.length);
  });
  return new EigenvalueDecomposition(tensor).realEigenvalues.sort((a, b) => a - b);
}

function closest({ positionsAngstrom: p, count }: BeadModel): number {
  let least = Infinity;
  for (let i = 0; i < count; i++)
    for (let j = 0; j < i; j++)
      least = Math.min(
        least,
        Math.hypot(p[3 * i]! - p[3 * j]!, p[3 * i + 1]! - p[3 * j + 1]!, p[3 * i + 2]! - p[3 * j + 2]!),
      );
  return least;
}

function distance(a: BeadModel, b: BeadModel): number {
  return Math.sqrt(a.positionsAngstrom.reduce((sum, v, i) => sum + (v - b.positionsAngstrom[i]!) ** 2, 0) / a.count);
}

test("every species has projections of the same variance, and fits the window", () => {
  const coarse = { box: 24, pixelSizeAngstrom: (GRID.box * GRID.pixelSizeAngstrom) / 24 };
  const model = speciesModel(SPECIES, coarse);
  const random = seededRandom(1);
  SPECIES.forEach((name, s) => {
    let power = 0;
    for (let view = 0; view < 8; view++) {
      const rotation = randomRotation(random);
      const values = beadProjection(model(s, 0), coarse, { rotation, shiftAngstrom: [0, 0] });
      for (let i = 2; i < values.length; i++) power += values[i]! ** 2 / 8 / coarse.box ** 2;
    }
    expect(Math.abs(power - 1), name).toBeLessThan(0.3); // elongated ones vary from view to view
    const { positionsAngstrom: p, count } = model(s, 0);
    const radii = Array.from({ length: count }, (_, j) => Math.hypot(p[3 * j]!, p[3 * j + 1]!, p[3 * j + 2]!));
    expect(Math.max(...radii), name).toBeLessThan((GRID.box * GRID.pixelSizeAngstrom) / 2);
  });
});

test("procedural species differ from each other and move", () => {
  const [a, b] = [proceduralSpecies(0), proceduralSpecies(1)];
  expect(distance(a(0), b(0))).toBeGreaterThan(20);
  expect(distance(a(-1), a(1))).toBeGreaterThan(5);
});

describe.skipIf(!hasSharedData)("oligomers", () => {
  test("RyR1 is four protomers about the axis, which move along the path and nowhere overlap", () => {
    const model = ryr1();
    const [start, middle] = [model(-1), model(0)];
    const quarter = middle.count / 4;
    const { positionsAngstrom: p } = middle;
    for (let j = 0; j < quarter; j++) {
      expect(p[3 * (j + quarter)]!).toBeCloseTo(-p[3 * j + 1]!, 9);
      expect(p[3 * (j + quarter) + 1]!).toBeCloseTo(p[3 * j]!, 9);
    }
    expect(closest(middle)).toBeGreaterThan(3.5);
    expect(distance(start, middle)).toBeCloseTo(1.77, 1); // root mean square of steps 1 to 26, computed by numpy
  });

  test("p97 is a hexamer whose N domains alone tilt, by ±20°", () => {
    const model = p97();
    const [down, middle, up] = [model(-1), model(0), model(1)];
    const [, b, c] = moments(middle) as [number, number, number];
    expect(b / c).toBeCloseTo(1, 1.7);
    expect(closest(middle)).toBeGreaterThan(3.5);
    const moved = Array.from({ length: middle.count }, (_, j) => {
      const chord = [0, 1, 2].map((a) => up.positionsAngstrom[3 * j + a]! - down.positionsAngstrom[3 * j + a]!);
      return Math.hypot(...chord);
    });
    // 167 of the 723 residues of a chain (21 to 763) are in the N domain.
    expect(moved.filter((d) => d > 0).length / middle.count).toBeCloseTo(167 / 723, 2);
    expect(Math.max(...moved)).toBeLessThan(2 * 45 * Math.sin((20 * Math.PI) / 180) + 8);
    expect(Math.max(...moved)).toBeGreaterThan(20);
  });
});

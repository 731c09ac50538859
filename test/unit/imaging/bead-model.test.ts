import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import { IDENTITY, type Matrix3, randomRotation, rotationFromVector } from "../../../src/geometry/rotation.js";
import {
  type BeadModel,
  beadModel,
  beadProjection,
  beadVolume,
  type Species,
} from "../../../src/imaging/bead-model.js";
import { imageFromTransform, transformVolume } from "../../../src/imaging/fourier.js";
import { relativeError } from "../../support/compare.js";
import { beadsAt, beadTransform, crab } from "../../support/known-beads.js";

const grid = { box: 32, pixelSizeAngstrom: 4 };
const { box, pixelSizeAngstrom } = grid;
const position = (model: BeadModel, j: number): number[] => Array.from(model.positionsAngstrom.slice(3 * j, 3 * j + 3));
const apply = (m: Matrix3, v: readonly number[]): number[] =>
  [0, 1, 2].map((i) => m[3 * i]! * v[0]! + m[3 * i + 1]! * v[1]! + m[3 * i + 2]! * v[2]!);

describe("the projection of one bead", () => {
  const random = seededRandom(4);
  test.each(Array.from({ length: 5 }, (_, i) => i))("is a Gaussian at R p + shift, in Fourier space (pose %i)", () => {
    const p = [20 * random.normal(), 20 * random.normal(), 20 * random.normal()] as const;
    const rotation = randomRotation(random);
    const shiftAngstrom = [7 * random.normal(), 7 * random.normal()] as const;
    const values = beadProjection(beadsAt([p]), grid, { rotation, shiftAngstrom });
    const [x, y] = apply(rotation, p);
    const expected = new Float64Array(values.length);
    for (let ky = -box / 2 + 1; ky < box / 2; ky++)
      for (let kx = -box / 2 + 1; kx < box / 2; kx++) {
        const k = [kx / (box * pixelSizeAngstrom), ky / (box * pixelSizeAngstrom)] as const;
        const [re, im] = beadTransform(k, [x! + shiftAngstrom[0], y! + shiftAngstrom[1]], 6);
        expected.set([re / box, im / box], 2 * (((ky + box) % box) * box + ((kx + box) % box)));
      }
    expect(relativeError(values, expected)).toBeLessThan(1e-6);
  });

  test("is a Gaussian of weight 1 in the image, origin at pixel box/2, x along the row", () => {
    const values = beadProjection(beadsAt([[12, -20, 31]], 7), grid, { rotation: IDENTITY, shiftAngstrom: [4, 0] });
    const image = imageFromTransform({ kind: "fourier-array", side: box, rank: 2, values });
    const sigma = 7 / pixelSizeAngstrom;
    const expected = Float32Array.from({ length: box * box }, (_, i) => {
      const [x, y] = [(i % box) - box / 2 - 4, Math.floor(i / box) - box / 2 + 5];
      return Math.exp(-(x * x + y * y) / (2 * sigma * sigma)) / (2 * Math.PI * sigma * sigma);
    });
    expect(relativeError(image, expected)).toBeLessThan(1e-5); // Nyquist is left out: exp(−2π²σ²/4) = 3e-7
  });

  test("has twice the weight where the bead has", () => {
    const heavy = { ...beadsAt([[5, 0, 0]]), weights: Float64Array.of(2) };
    const pose = { rotation: IDENTITY, shiftAngstrom: [0, 0] } as const;
    const [one, two] = [beadProjection(beadsAt([[5, 0, 0]]), grid, pose), beadProjection(heavy, grid, pose)];
    expect(
      relativeError(
        two,
        Float64Array.from(one, (v) => 2 * v),
      ),
    ).toBeLessThan(1e-12);
  });
});

describe("the map of beads", () => {
  test("is a Gaussian at voxel box/2 + p, [z][y][x]", () => {
    const { values, ...rest } = beadVolume(beadsAt([[8, -12, 16]], 7), 24, pixelSizeAngstrom);
    expect(rest).toEqual({ kind: "volume", box: 24, pixelSizeAngstrom });
    const sigma = 7 / pixelSizeAngstrom;
    const expected = values.map((_, i) => {
      const [x, y, z] = [(i % 24) - 12 - 2, (Math.floor(i / 24) % 24) - 12 + 3, Math.floor(i / 576) - 12 - 4];
      return Math.exp(-(x * x + y * y + z * z) / (2 * sigma * sigma)) / ((2 * Math.PI) ** 1.5 * sigma ** 3);
    });
    expect(relativeError(values, expected)).toBeLessThan(1e-4); // tails of neighbouring boxes, 8 pixels away: exp(−64/2σ²) = 3e-5
  });

  // Turns that take the Fourier lattice to itself, so that slices need no interpolation.
  const third = (2 * Math.PI) / (3 * Math.sqrt(3));
  test.each([
    ["identity", [0, 0, 0]],
    ["a quarter turn about z", [0, 0, Math.PI / 2]],
    ["a quarter turn about x", [Math.PI / 2, 0, 0]],
    ["a third of a turn about (1, 1, 1)", [third, third, third]],
    ["a third of a turn about (1, −1, 1)", [third, -third, third]],
  ] as const)("has the projections' transforms as slices at kx·row0 + ky·row1: %s", (_, vector) => {
    const side = 16;
    const model = beadModel(crab, 0.6, 9);
    const rotation = rotationFromVector(vector);
    const slice = transformVolume(beadVolume(model, side, 8)).values;
    const projection = beadProjection(model, { box: side, pixelSizeAngstrom: 8 }, { rotation, shiftAngstrom: [0, 0] });
    const found: number[] = [];
    const expected: number[] = [];
    const wrap = (k: number): number => (Math.round(k) + side) % side;
    for (let ky = -7; ky <= 7; ky++)
      for (let kx = -7; kx <= 7; kx++) {
        const [x, y, z] = [0, 1, 2].map((a) => wrap(kx * rotation[a]! + ky * rotation[3 + a]!));
        const at = 2 * ((z! * side + y!) * side + x!);
        const from = 2 * (wrap(ky) * side + wrap(kx));
        expected.push(Math.sqrt(side) * slice[at]!, Math.sqrt(side) * slice[at + 1]!);
        found.push(projection[from]!, projection[from + 1]!);
      }
    expect(relativeError(found, expected)).toBeLessThan(1e-6); // the map is float32
  });
});

describe("a species", () => {
  test("is the same from the same seed, another from another", () => {
    expect(beadModel(crab, 0.5)).toEqual(beadModel(crab, 0.5));
    expect(beadModel({ ...crab, seed: 4 }).positionsAngstrom).not.toEqual(beadModel(crab).positionsAngstrom);
  });

  test("has its centre of mass at rest at the origin, and weights from ½ to 3⁄2", () => {
    const { count, positionsAngstrom, weights } = beadModel(crab);
    expect(count).toBe(80);
    for (let axis = 0; axis < 3; axis++) {
      let moment = 0;
      for (let j = 0; j < count; j++) moment += weights[j]! * positionsAngstrom[3 * j + axis]!;
      expect(moment).toBeCloseTo(0, 8);
    }
    expect(Math.min(...weights)).toBeGreaterThanOrEqual(0.5);
    expect(Math.max(...weights)).toBeLessThan(1.5);
  });

  test("fills its ellipsoids evenly", () => {
    const marker = { centreAngstrom: [0, 0, 0], semiAxesAngstrom: [0, 0, 0], beads: 1 } as const;
    const blob = { centreAngstrom: [30, 0, -10], semiAxesAngstrom: [20, 10, 5], beads: 2000 } as const;
    const model = beadModel({ ...crab, domains: [marker, blob] });
    const origin = position(model, 0);
    let square = 0;
    let outside = 0;
    for (let j = 1; j <= 2000; j++) {
      const inBall = position(model, j).map(
        (c, a) => (c - origin[a]! - blob.centreAngstrom[a]!) / blob.semiAxesAngstrom[a]!,
      );
      const r = Math.hypot(...inBall);
      if (r > 1 + 1e-9) outside++;
      square += r * r;
    }
    expect(outside).toBe(0);
    expect(square / 2000).toBeCloseTo(3 / 5, 1); // ⟨r²⟩ of a ball
  });

  test("turns the moving domains by z · angle about the hinge, right-handed, and leaves the others", () => {
    const hinge = { originAngstrom: [10, -5, 3], axis: [0, 0, 2], angleDeg: 30 } as const;
    // Beads of no extent mark the corners.
    const dot = (centreAngstrom: readonly [number, number, number], moves = false) => ({
      centreAngstrom,
      semiAxesAngstrom: [0, 0, 0] as const,
      beads: 1,
      moves,
    });
    const species: Species = { ...crab, domains: [dot([0, 0, 0]), dot([30, -5, 3], true)], hinge };
    const model = beadModel(species, 3); // a quarter turn
    const [still, moved] = [position(model, 0), position(model, 1)];
    // The arm (20, 0, 0) from the hinge becomes (0, 20, 0).
    moved.forEach((c, a) => {
      expect(c - still[a]!).toBeCloseTo([10, 15, 3][a]!, 9);
    });
    expect(position(beadModel(species, 0), 0)).toEqual(still);
  });

  test("is refused without beads or without an axis", () => {
    expect(() => beadModel({ ...crab, domains: [] })).toThrow("species.domains: expected at least one bead, got 0");
    expect(() => beadModel({ ...crab, hinge: { ...crab.hinge, axis: [0, 0, 0] } })).toThrow(
      "hinge.axis: expected a non-zero vector, got 0,0,0",
    );
  });
});

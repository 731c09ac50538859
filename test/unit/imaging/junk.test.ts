import { describe, expect, test } from "vitest";
import { beadModel } from "../../../src/imaging/bead-model.js";
import { cleanImage, drawTruths, type Recipe, simulate, type Truth } from "../../../src/imaging/simulate.js";
import { changedRecipe, simulateFiles } from "../../../src/run/simulate-files.js";
import { readTruth } from "../../../src/run/truth.js";
import { relativeError } from "../../support/compare.js";
import { crab } from "../../support/known-beads.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const BOX = 32;
const PIXEL = 8;
const SIGMA = 12;
/** A single bead at the origin, which no rotation moves; a microscope that changes nothing. */
const dot = { ...crab, domains: [{ centreAngstrom: [0, 0, 0], semiAxesAngstrom: [1, 1, 1], beads: 1 }] } as const;
const recipe: Recipe = {
  name: "junk",
  seed: 5,
  box: BOX,
  pixelSizeAngstrom: PIXEL,
  counts: [30, 10],
  junk: { noise: 40, "off-centre": 60, overlap: 50 },
  species: [dot, { ...dot, seed: 9 }],
  beadSigmaAngstrom: SIGMA,
  snr: 0.5,
  shiftAngstrom: 10,
  optics: { voltageKv: 300, sphericalAberrationMm: 0, amplitudeContrast: 1 },
  defocusAngstrom: [0, 0],
  astigmatismAngstrom: 0,
};
const truths = drawTruths(recipe);
const ofKind = (kind: string): Truth[] => truths.filter(({ junk }) => junk?.kind === kind);

/** Pixels of the sum of the beads of `truth`, from the closed form of a Gaussian; nothing comes in from outside. */
function dots({ junk }: Truth): Float32Array {
  const image = new Float32Array(BOX * BOX);
  for (const { species, shiftAngstrom } of junk!.particles) {
    const weight = beadModel(recipe.species[species]!).weights[0]!;
    const peak = (weight * PIXEL ** 2) / (2 * Math.PI * SIGMA ** 2);
    for (let i = 0; i < image.length; i++) {
      const [x, y] = [(i % BOX) - BOX / 2, Math.floor(i / BOX) - BOX / 2].map((c) => c * PIXEL) as [number, number];
      const square = (x - shiftAngstrom[0]) ** 2 + (y - shiftAngstrom[1]) ** 2;
      image[i]! += peak * Math.exp(-square / (2 * SIGMA ** 2));
    }
  }
  return image;
}

describe("junk", () => {
  test("comes in the numbers asked for, among the particles, and is of no species", () => {
    expect(["noise", "off-centre", "overlap"].map((kind) => ofKind(kind).length)).toEqual([40, 60, 50]);
    expect(truths.every(({ species, junk }) => (species === -1) === (junk !== undefined))).toBe(true);
    expect([0, 1].map((s) => truths.filter(({ species }) => species === s).length)).toEqual([30, 10]);
    expect(new Set(truths.slice(0, 30).map(({ species }) => species)).size).toBe(3);
  });

  test("shows particles in proportion to their numbers", () => {
    const shown = truths.flatMap(({ junk }) => junk?.particles.map(({ species }) => species) ?? []);
    expect(shown).toHaveLength(160);
    const first = shown.filter((species) => species === 0).length / 160;
    expect(Math.abs(first - 0.75)).toBeLessThan(3 * Math.sqrt((0.75 * 0.25) / 160));
  });

  test("is displaced by its share of the window, in every direction", () => {
    const far = (truth: Truth): readonly [number, number] => truth.junk!.particles.at(-1)!.shiftAngstrom;
    for (const [kind, smallest, largest] of [["off-centre", 0.25, 0.45] as const, ["overlap", 0.15, 0.3] as const]) {
      const widths = ofKind(kind).map((truth) => Math.hypot(...far(truth)) / (BOX * PIXEL));
      expect(Math.min(...widths)).toBeGreaterThanOrEqual(smallest);
      expect(Math.max(...widths)).toBeLessThanOrEqual(largest);
      const quadrants = ofKind(kind).map((truth) => far(truth).map(Math.sign).join());
      expect(new Set(quadrants).size).toBe(4);
    }
  });

  test("is nothing, one particle or the sum of two, cut off at the edge of the window", () => {
    for (const truth of ofKind("noise").slice(0, 3)) expect(cleanImage(recipe, truth).every((v) => v === 0)).toBe(true);
    for (const kind of ["off-centre", "overlap"])
      for (const truth of ofKind(kind).slice(0, 20))
        expect(relativeError(cleanImage(recipe, truth), dots(truth)), kind).toBeLessThan(0.01);
  });

  test("has the noise of the particles, and leaves their signal-to-noise ratio alone", () => {
    const variance = (values: readonly number[]): number => values.reduce((sum, v) => sum + v * v, 0) / values.length;
    const images = [...simulate(recipe)];
    const rest = images.map(({ truth, pixels }) => {
      const clean = cleanImage(recipe, truth);
      return { truth, noise: Array.from(pixels, (v, i) => v - clean[i]!), clean: [...clean] };
    });
    const junk = rest.filter(({ truth }) => truth.species < 0).flatMap(({ noise }) => noise);
    const particles = rest.filter(({ truth }) => truth.species >= 0);
    const noise = variance(particles.flatMap(({ noise }) => noise));
    expect(variance(junk) / noise).toBeCloseTo(1, 1.3);
    const signal = particles.flatMap(({ clean }) => clean);
    const mean = signal.reduce((sum, v) => sum + v, 0) / signal.length;
    expect((variance(signal) - mean ** 2) / noise / recipe.snr).toBeCloseTo(1, 1.3);
  });

  test("needs a particle beside it, whose signal the noise is measured by", () => {
    expect(() => [...simulate({ ...recipe, counts: [0, 0] })]).toThrow("recipe.counts: expected at least one image");
  });

  test("is named in the truth of simulated files, and shared out with the species", () => {
    const at = temporaryFolder();
    const few = changedRecipe(recipe, { images: 19 });
    expect([...few.counts, ...Object.values(few.junk!)]).toEqual([3, 1, 4, 6, 5]);
    const { species } = readTruth(simulateFiles(recipe, { out: at("files"), images: 19 }).truth);
    expect(species.filter((name) => name === "junk")).toHaveLength(15);
  });
});

import { describe, expect, test } from "vitest";
import { seededRandom, shuffledIndices } from "../../../src/core/random.js";
import type { ParticleSource, Poses } from "../../../src/core/types.js";
import { rotationsOf } from "../../../src/geometry/rotation.js";
import { prepare } from "../../../src/imaging/prepare.js";
import { cleanImage, type Recipe } from "../../../src/imaging/simulate.js";
import { fourierShellCorrelation } from "../../../src/metrics/fourier-shell-correlation.js";
import { checkPoses, type PoseCheck } from "../../../src/metrics/pose-check.js";
import { crab } from "../../support/known-beads.js";
import { memorySource } from "../../support/memory-source.js";
import { simulatedSource } from "../../support/simulated-source.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const recipe: Recipe = {
  name: "still crab",
  seed: 3,
  box: 32,
  pixelSizeAngstrom: 6,
  counts: [400],
  species: [{ ...crab, hinge: { ...crab.hinge, angleDeg: 0 } }],
  beadSigmaAngstrom: 5,
  snr: 0.1,
  shiftAngstrom: 12,
  optics: { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 },
  defocusAngstrom: [10000, 25000],
  astigmatismAngstrom: 500,
};
const { source, truths } = simulatedSource(recipe);
const poses: Poses = {
  rotations: rotationsOf(truths.map(({ rotation }) => rotation)),
  shiftsAngstrom: Float64Array.from(truths.flatMap(({ shiftAngstrom }) => [...shiftAngstrom])),
};
const transposed = (m: readonly number[]): number[] => [0, 3, 6, 1, 4, 7, 2, 5, 8].map((i) => m[i]!);
const wrong = {
  rotations: { ...poses, rotations: rotationsOf(truths.map(({ rotation }) => transposed(rotation))) },
  shifts: { ...poses, shiftsAngstrom: poses.shiftsAngstrom.map((shift) => -shift) },
};
const both: Poses = { rotations: wrong.rotations.rotations, shiftsAngstrom: wrong.shifts.shiftsAngstrom };
const order = shuffledIndices(400, seededRandom(5));
const disordered: Poses = {
  rotations: rotationsOf(Array.from(order, (i) => truths[i]!.rotation)),
  shiftsAngstrom: Float64Array.from(Array.from(order, (i) => [...truths[i]!.shiftAngstrom]).flat()),
};
/** Of a phase plate, or taken for it. */
const shifted = (from: ParticleSource, phaseShiftRad: number): ParticleSource => ({
  ...from,
  defocus: (i) => ({ ...from.defocus(i), phaseShiftRad }),
});

let sets = 0;
const judge = async (from: ParticleSource, given: Poses): Promise<PoseCheck> =>
  checkPoses(await prepare(from, folder(`${sets++}.f32`), { box: 16, diameterAngstrom: 150 }), given);

describe("poses", () => {
  test("that are right fit, and their halves agree further than those of poses dealt at random", async () => {
    const check = await judge(source, poses);
    expect(check).toMatchObject({ verdict: "fit", faults: [] });
    expect(check.fit).toBeGreaterThan(8);
    expect(check.variants).toHaveLength(8);
    const [given, random] = [check.given, check.random].map(({ halves }) =>
      fourierShellCorrelation(...halves, { shells: "relion" }),
    );
    for (const s of [5, 6]) expect(given!.correlation[s]! - random!.correlation[s]!).toBeGreaterThan(0.1);
  });

  test.each([
    ["with transposed rotations", source, wrong.rotations, ["transposed rotations"]],
    ["with shifts of the wrong sign", source, wrong.shifts, ["wrong shift sign"]],
    ["with both", source, both, ["transposed rotations", "wrong shift sign"]],
    ["of images taken for those of a phase plate", shifted(source, Math.PI / 2), poses, ["phase shift"]],
  ] as const)("%s are named so", async (_, from, given, faults) => {
    expect(await judge(from, given)).toMatchObject({ verdict: "faulty", faults });
  });

  test("of images in another order are told to belong to other images", async () => {
    expect(await judge(source, disordered)).toMatchObject({ verdict: "other images", faults: [] });
  });

  test("of a phase plate whose shift is missing from the file are named so", async () => {
    const random = seededRandom(6);
    const images = truths.map((truth) => {
      const defocus = { ...truth.defocus, phaseShiftRad: Math.PI / 2 };
      const image = cleanImage(recipe, { ...truth, defocus });
      return image.map((v) => v + 0.4 * random.normal());
    });
    const plate: ParticleSource = {
      ...source,
      readImage(i, out = new Float32Array(32 * 32)) {
        out.set(images[i]!);
        return out;
      },
    };
    expect(await judge(plate, poses)).toMatchObject({ verdict: "faulty", faults: ["phase shift"] });
    expect(await judge(shifted(plate, Math.PI / 2), poses)).toMatchObject({ verdict: "fit" });
  });

  test("of too few images to tell are not called wrong", async () => {
    const random = seededRandom(7);
    const few = memorySource(
      Array.from({ length: 12 }, () => Float32Array.from({ length: 32 * 32 }, () => random.normal())),
      6,
    );
    const some: Poses = {
      rotations: rotationsOf(truths.slice(0, 12).map(({ rotation }) => rotation)),
      shiftsAngstrom: poses.shiftsAngstrom.slice(0, 24),
    };
    expect((await judge(few, some)).verdict).toBe("too few images");
  });
});

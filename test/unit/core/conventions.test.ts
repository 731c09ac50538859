/**
 * @file One test per entry of src/core/CONVENTIONS.md. Each fails when the sign, the order or the centre it fixes is
 * flipped; truth is a closed form, a drawing of that page, or a number of another program.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import type { Defocus, Optics } from "../../../src/core/types.js";
import { createFieldEvaluator } from "../../../src/field/evaluator.js";
import { rasterise } from "../../../src/field/rasterise.js";
import {
  IDENTITY,
  type Matrix3,
  randomRotation,
  rotationFromEuler,
  rotationFromVector,
  transpose,
} from "../../../src/geometry/rotation.js";
import { beadProjection, beadVolume } from "../../../src/imaging/bead-model.js";
import { contrastRow } from "../../../src/imaging/contrast-row.js";
import { imageFromTransform, transformImage } from "../../../src/imaging/fourier.js";
import { rasterFromVolume, sliceInto } from "../../../src/imaging/fourier-raster.js";
import { halfPlane } from "../../../src/imaging/half-plane.js";
import { prepare } from "../../../src/imaging/prepare.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { cleanImage } from "../../../src/imaging/simulate.js";
import { imageKey, parseImageName } from "../../../src/io/image-path.js";
import { parseStar } from "../../../src/io/star.js";
import { poseColumns, readPoses } from "../../../src/io/star-poses.js";
import type { Assignments } from "../../../src/mixture/state.js";
import { ctf, electronWavelength } from "../../../src/optics/ctf.js";
import { createPoseSearch } from "../../../src/pose/search.js";
import { shiftPhases } from "../../../src/pose/shift-grid.js";
import { writeParticleTable } from "../../../src/run/particle-table.js";
import { colouredNoise } from "../../support/coloured-noise.js";
import { relativeError } from "../../support/compare.js";
import { beadsAt, beadTransform, crab } from "../../support/known-beads.js";
import { fieldOfPoints } from "../../support/known-fields.js";
import { memorySource } from "../../support/memory-source.js";
import { knownRow, titan, writePrepared } from "../../support/prepared-set.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const DEGREE = Math.PI / 180;
const folder = temporaryFolder();
const grid = { box: 32, pixelSizeAngstrom: 4 };
type Vector3 = readonly [number, number, number];

/** The pixel (x, y) where the image of one bead is brightest. */
function pixelOf(
  r: Vector3,
  rotation: Matrix3 = IDENTITY,
  shiftAngstrom: readonly [number, number] = [0, 0],
): number[] {
  const values = beadProjection(beadsAt([r]), grid, { rotation, shiftAngstrom });
  const image = imageFromTransform({ kind: "fourier-array", side: 32, rank: 2, values });
  const brightest = image.indexOf(Math.max(...image));
  return [brightest % 32, Math.floor(brightest / 32)];
}

test("every entry of the page has its tests here", () => {
  const page = readFileSync(new URL("../../../src/core/CONVENTIONS.md", import.meta.url), "utf8");
  const entries = [...page.matchAll(/^## (.*)$/gm)].map((match) => match[1]);
  expect(entries).toEqual([
    "Units",
    "Arrays",
    "Rotation",
    "Fourier transform",
    "Shift",
    "CTF and contrast",
    "Likelihood",
    "Numbering",
  ]);
});

describe("units", () => {
  const optics: Optics = { voltageKv: 300, sphericalAberrationMm: 0, amplitudeContrast: 0 };
  const defocus: Defocus = { uAngstrom: 8000, vAngstrom: 8000, angleRad: 0, phaseShiftRad: 0 };

  test("lengths are Å, frequencies 1/Å: sin(πλz s²) with λ = 0.0197 Å", () => {
    expect(electronWavelength(300)).toBeCloseTo(0.0197, 4);
    expect(ctf(optics, defocus)(0.03, 0)).toBeCloseTo(Math.sin(Math.PI * 0.0196875 * 8000 * 0.03 ** 2), 3);
  });

  test("angles are radians: a turn by π/2 is a quarter turn", () => {
    expect(relativeError(rotationFromVector([0, 0, Math.PI / 2]), [0, -1, 0, 1, 0, 0, 0, 0, 1])).toBeLessThan(1e-12);
  });

  test("Fourier radii are Fourier pixels, k = s · box · Å/px", () => {
    const plane = halfPlane(grid.box);
    const row = contrastRow(plane, grid.pixelSizeAngstrom, { optics, defocus });
    const s = 0.0625; // of a wave of 16 Å
    const at = plane.kx.findIndex((kx, p) => kx === s * 32 * 4 && plane.ky[p] === 0);
    expect(row[at]).toBeCloseTo(ctf(optics, defocus)(s, 0), 6);
  });

  test("a name says another unit: Cs in mm is 10⁷ Å", () => {
    const chi = -0.5 * Math.PI * 2.7e7 * 0.0196875 ** 3 * 0.1 ** 4;
    const focused = { ...defocus, uAngstrom: 0, vAngstrom: 0 };
    expect(ctf({ ...optics, sphericalAberrationMm: 2.7 }, focused)(0.1, 0)).toBeCloseTo(Math.sin(chi), 4);
  });
});

describe("arrays", () => {
  test("images are [y][x], origin at pixel (box/2, box/2)", () => {
    expect(pixelOf([0, 0, 0])).toEqual([16, 16]);
    expect(pixelOf([12, 0, 0])).toEqual([19, 16]);
    expect(pixelOf([0, 12, 0])).toEqual([16, 19]);
  });

  test("volumes are [z][y][x], origin at voxel (box/2, box/2, box/2)", () => {
    const { values } = beadVolume(beadsAt([[4, 8, 12]]), 16, 4);
    expect(values.indexOf(Math.max(...values))).toBe(((8 + 3) * 16 + 8 + 2) * 16 + 8 + 1);
  });

  test("boxes are even", () => {
    expect(() => transformImage(new Float32Array(81), 9)).toThrow("box: expected a positive even side, got 9");
    expect(() => halfPlane(9)).toThrow("box: expected an even side");
  });
});

describe("rotation", () => {
  const quarterAboutZ = rotationFromVector([0, 0, Math.PI / 2]); // x → y
  const quarterAboutX = rotationFromVector([Math.PI / 2, 0, 0]); // y → z

  test("an object point r lands at p = R r", () => {
    expect(pixelOf([12, 0, 0], quarterAboutZ)).toEqual([16, 19]);
    expect(pixelOf([0, 12, 0], quarterAboutZ)).toEqual([13, 16]);
    expect(pixelOf([0, 0, 12], quarterAboutX)).toEqual([16, 13]); // z → −y
  });

  test("it is projected along camera z: row 2 of R is the viewing direction", () => {
    const random = seededRandom(1);
    for (let i = 0; i < 5; i++) {
      const r = randomRotation(random);
      expect(pixelOf([20 * r[6]!, 20 * r[7]!, 20 * r[8]!], r)).toEqual([16, 16]);
      expect(pixelOf([20 * r[0]!, 20 * r[1]!, 20 * r[2]!], r)).toEqual([21, 16]); // row 0: image x
      expect(pixelOf([20 * r[3]!, 20 * r[4]!, 20 * r[5]!], r)).toEqual([16, 21]); // row 1: image y
    }
  });

  test("it equals RELION's Euler matrix", () => {
    // RELION at rot 40°, tilt 70°, psi 110° (test/golden/rotation has 45 more).
    const golden = [-0.693633, 0.644654, 0.321394, -0.026356, -0.468591, 0.883022, 0.719846, 0.604023, 0.34202];
    expect(relativeError(rotationFromEuler(40 * DEGREE, 70 * DEGREE, 110 * DEGREE), golden)).toBeLessThan(1e-5);
  });

  test("cryoSPARC's rotation vector v gives R = exp([v]×)ᵀ, with exp([v]×) active and right-handed", () => {
    expect(pixelOf([12, 0, 0], rotationFromVector([0, 0, 0.5 * Math.PI]))).toEqual([16, 19]);
    expect(pixelOf([12, 0, 0], transpose(rotationFromVector([0, 0, 0.5 * Math.PI])))).toEqual([16, 13]);
  });

  test("the image's transform is the central slice at k3 = Rᵀ(kx, ky, 0) = kx · row0 + ky · row1", () => {
    const p: Vector3 = [8, -14, 20];
    const raster = rasterFromVolume(beadVolume(beadsAt([p], 9), 32, 4), 10);
    const r = rotationFromEuler(0.4, 1.1, -0.8);
    const out = new Float32Array(2);
    for (const [kx, ky] of [
      [3, 0],
      [0, 3],
      [2, -3],
    ] as const) {
      sliceInto(out, raster, r, 0, Float32Array.of(kx), Float32Array.of(ky), 1);
      const k3 = [0, 1, 2].map((a) => (kx * r[a]! + ky * r[3 + a]!) / 128);
      const angle = -2 * Math.PI * (k3[0]! * p[0] + k3[1]! * p[1] + k3[2]! * p[2]);
      const size = Math.exp(-2 * Math.PI ** 2 * 81 * ((kx * kx + ky * ky) / 128 ** 2)) / 32;
      expect(relativeError(out, [size * Math.cos(angle), size * Math.sin(angle)])).toBeLessThan(0.05); // trilinear
    }
  });
});

describe("Fourier transform", () => {
  const side = 12;
  const point = (x: number, y: number): Float64Array => {
    const pixels = new Float32Array(side * side);
    pixels[y * side + x] = 1;
    return transformImage(pixels, side).values;
  };
  const at = (kx: number, ky: number): number => 2 * (((ky + side) % side) * side + ((kx + side) % side));

  test("its origin is pixel box/2: a point there has no phase", () => {
    const values = point(6, 6);
    for (const [kx, ky] of [
      [0, 0],
      [1, 0],
      [2, -3],
    ] as const)
      expect(relativeError(values.subarray(at(kx, ky), at(kx, ky) + 2), [1 / side, 0])).toBeLessThan(1e-12);
  });

  test("its sign is minus: a particle displaced by t has the factor exp(−2πi k·t/n), kx beside x", () => {
    const values = point(6 + 1, 6 - 2);
    for (const [kx, ky] of [
      [1, 0],
      [0, 1],
      [3, 1],
    ] as const) {
      const angle = (-2 * Math.PI * (kx * 1 + ky * -2)) / side;
      const found = values.subarray(at(kx, ky), at(kx, ky) + 2);
      expect(relativeError(found, [Math.cos(angle) / side, Math.sin(angle) / side])).toBeLessThan(1e-12);
    }
  });

  test("it is unitary, with DC at index 0", () => {
    const { values } = transformImage(new Float32Array(side * side).fill(1), side);
    expect(values[0]).toBeCloseTo(side, 9); // n^(−1) Σ 1 over n² pixels
    expect(values.reduce((sum, v) => sum + v * v, 0)).toBeCloseTo(side * side, 9);
  });

  test("the half-plane that is kept has kx > 0, or kx = 0 and ky > 0; DC is left out", () => {
    const plane = halfPlane(side, 3);
    const points = Array.from(plane.kx, (kx, p) => [kx, plane.ky[p]!] as const);
    expect(points.every(([kx, ky]) => kx > 0 || (kx === 0 && ky > 0))).toBe(true);
    expect(points).toHaveLength(14); // half of the 29 points of the disc of radius 3, less DC
  });

  test("a field's real value is Hartley's, f = Re F − Im F", async () => {
    const p: Vector3 = [2, -1, 3];
    const field = fieldOfPoints([p]); // f = cos 2πk·p + sin 2πk·p
    const evaluator = await createFieldEvaluator(field.config, { points: 256 });
    const raster = await rasterise(evaluator, field, { box: 16, radius: 4, z: new Float32Array(0) });
    await evaluator.dispose();
    const out = new Float32Array(2);
    sliceInto(out, raster, IDENTITY, 0, Float32Array.of(2), Float32Array.of(-1), 1);
    // So F is the transform of a point displaced by p: exp(−2πi k·p).
    const angle = (-2 * Math.PI * (2 * p[0] - 1 * p[1])) / 16;
    expect(relativeError(out, [Math.cos(angle), Math.sin(angle)])).toBeLessThan(1e-4);
  });
});

describe("shift", () => {
  test("positive x moves the particle to larger x, positive y to larger y, in Å", () => {
    expect(pixelOf([0, 0, 0], IDENTITY, [12, 0])).toEqual([19, 16]);
    expect(pixelOf([0, 0, 0], IDENTITY, [0, 12])).toEqual([16, 19]);
    expect(pixelOf([12, 0, 0], rotationFromVector([0, 0, Math.PI / 2]), [8, 0])).toEqual([18, 19]); // after the turn
  });

  test("RELION's origin is its negative", () => {
    const star = parseStar(
      "data_optics\nloop_\n_rlnOpticsGroup\n_rlnImagePixelSize\n1 4\n\ndata_particles\nloop_\n_rlnAngleRot\n_rlnAngleTilt\n" +
        "_rlnAnglePsi\n_rlnOriginXAngst\n_rlnOriginYAngst\n_rlnOpticsGroup\n_rlnImageName\n0 0 0 -10 3 1 1@a.mrcs\n",
    );
    const source = { star, pixelSizeAngstrom: 4 };
    const poses = readPoses(source)!;
    expect(Array.from(poses.shiftsAngstrom)).toEqual([10, -3]);
    expect(Array.from(poseColumns(source, poses)["rlnOriginXAngst"] as Float64Array)).toEqual([-10]);
    expect(Array.from(poseColumns(source, poses)["rlnOriginYAngst"] as Float64Array)).toEqual([3]);
  });

  test("the phases of a shift bring a displaced particle back", () => {
    const plane = halfPlane(grid.box);
    const image = { model: beadsAt([[6, 2, 0]]), rotation: IDENTITY };
    const row = knownRow({ ...image, shiftAngstrom: [12, -4] }, grid, 1);
    const phase = shiftPhases(plane, plane.count, 3, -1); // pixels of 4 Å
    const back = row.map((_, q) => {
      const [re, im, i] = [row[q & ~1]!, row[q | 1]!, q & ~1];
      return q % 2 === 0 ? re * phase[i]! - im * phase[i + 1]! : re * phase[i + 1]! + im * phase[i]!;
    });
    expect(relativeError(back, knownRow({ ...image, shiftAngstrom: [0, 0] }, grid, 1))).toBeLessThan(1e-5);
  });
});

describe("CTF and contrast", () => {
  const optics: Optics = { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 };
  const round = (z: number, phaseShiftRad = 0): Defocus => ({
    uAngstrom: z,
    vAngstrom: z,
    angleRad: 0,
    phaseShiftRad,
  });

  test("ctf = sin(χ + asin w): at s = 0 it is the amplitude contrast, and positive", () => {
    expect(ctf(optics, round(15000))(0, 0)).toBeCloseTo(0.1, 12);
    expect(ctf(optics, round(15000, Math.PI / 2))(0, 0)).toBeCloseTo(Math.sqrt(0.99), 12);
  });

  test("χ = πλz s² − ½πCs λ³s⁴ + φ: underfocus and aberration have opposite signs", () => {
    const lambda = 0.0196875;
    const s = 0.09;
    const chi = Math.PI * lambda * 500 * s ** 2 - 0.5 * Math.PI * 2.7e7 * lambda ** 3 * s ** 4;
    expect(ctf(optics, round(500, 0.2))(s, 0)).toBeCloseTo(Math.sin(chi + 0.2 + Math.asin(0.1)), 4);
  });

  test("the astigmatism angle runs from +x to the U axis, counter-clockwise", () => {
    const [u, v, s] = [12000, 8000, 0.02];
    const at = (angleRad: number): ((sx: number, sy: number) => number) =>
      ctf(optics, { uAngstrom: u, vAngstrom: v, angleRad, phaseShiftRad: 0 });
    const [alongU, alongV] = [ctf(optics, round(u))(s, 0), ctf(optics, round(v))(s, 0)];
    const d = s / Math.SQRT2;
    expect(at(0)(s, 0)).toBeCloseTo(alongU, 9);
    expect(at(0)(0, s)).toBeCloseTo(alongV, 9);
    expect(at(Math.PI / 4)(d, d)).toBeCloseTo(alongU, 9);
    expect(at(Math.PI / 4)(-d, d)).toBeCloseTo(alongV, 9);
  });

  test("a positive density gives a bright particle, also after underfocus", () => {
    const recipe = {
      name: "bright",
      seed: 1,
      ...grid,
      counts: [1],
      species: [{ ...crab, hinge: { ...crab.hinge, angleDeg: 0 } }],
      beadSigmaAngstrom: 6,
      snr: 1,
      shiftAngstrom: 0,
      optics,
      defocusAngstrom: [15000, 15000] as const,
      astigmatismAngstrom: 0,
    };
    const truth = {
      species: 0,
      z: 0,
      rotation: IDENTITY,
      shiftAngstrom: [0, 0],
      optics,
      defocus: round(15000),
    } as const;
    const image = cleanImage(recipe, truth);
    expect(image[16 * 32 + 16]).toBeGreaterThan(0);
    expect(image[16 * 32 + 16]! > image[0]!).toBe(true);
  });

  test("it is minus the CTF of the cryoDRGN family", () => {
    // Their value at (0.05, 0.02) 1/Å, defocus 15000 and 14000 Å at 30°.
    const defocus = { uAngstrom: 15000, vAngstrom: 14000, angleRad: 30 * DEGREE, phaseShiftRad: 0 };
    expect(ctf(optics, defocus)(0.05, 0.02)).toBeCloseTo(0.3498276, 2); // their wavelength is 3e-5 shorter
  });
});

describe("likelihood", () => {
  test("coefficients are whitened: noise has variance 1 in Re and in Im", async () => {
    const random = seededRandom(3);
    const images = Array.from({ length: 150 }, () => colouredNoise(32, () => 7, random));
    const reader = openPrepared(await prepare(memorySource(images), folder("white")));
    const row = new Float32Array(2 * reader.plane.count);
    const power = [0, 0];
    for (let i = 0; i < 150; i++) {
      reader.readRow(i, row);
      row.forEach((v, q) => {
        power[q % 2]! += v * v;
      });
    }
    reader.close();
    for (const sum of power) expect(sum / (150 * reader.plane.count)).toBeCloseTo(1, 1);
  });

  test("−log likelihood = ½ Σ |x − C·S|²; scores leave ½ Σ |x|² out", async () => {
    const image = {
      model: beadsAt(
        [
          [30, 10, -20],
          [-20, 12, 4],
        ],
        9,
      ),
      rotation: IDENTITY,
      shiftAngstrom: [0, 0],
      contrast: titan(15000),
    } as const;
    const row = knownRow(image, grid, 1000, seededRandom(5));
    const reader = openPrepared(writePrepared(folder("score"), { ...grid, rows: [row], contrast: [image.contrast] }));
    const search = createPoseSearch(reader);
    const raster = rasterFromVolume(
      beadVolume({ ...image.model, weights: new Float64Array(2).fill(1000) }, 32, 4),
      8,
      3,
    );
    const plan = {
      order: 0,
      coarseRadius: 8,
      radius: 8,
      shiftRangePixels: 0,
      shiftStepPixels: 1,
      levels: 0,
      localLevels: 1,
      localSpacingRad: 1e-9,
      keep: 1,
      temperature: 0,
    };
    await search.setReferences([raster], plan);
    const start = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 0);
    const { evidence } = await search.search(Int32Array.of(0), seededRandom(1), start);
    await search.dispose();
    const points = reader.points(8);
    const contrast = contrastRow(reader.plane, 4, image.contrast);
    let [misfit, power] = [0, 0];
    for (let p = 0; p < points; p++) {
      const k = [reader.plane.kx[p]! / 128, reader.plane.ky[p]! / 128] as const;
      const [a, b] = [beadTransform(k, [30, 10], 9), beadTransform(k, [-20, 12], 9)];
      for (const part of [0, 1] as const) {
        const s = (1000 * (a[part] + b[part])) / 32;
        misfit += (row[2 * p + part]! - contrast[p]! * s) ** 2 / 2;
        power += row[2 * p + part]! ** 2 / 2;
      }
    }
    expect(evidence[0]! / (power - misfit)).toBeCloseTo(1, 2); // trilinear slices
  });
});

describe("numbering", () => {
  const assignments: Assignments = {
    classes: Int32Array.of(0, 2),
    posterior: Float32Array.of(1, 0, 0, 0, 0, 1),
    poses: {
      rotations: { kind: "rotations", count: 2, matrices: Float64Array.of(...IDENTITY, ...IDENTITY) },
      shiftsAngstrom: new Float64Array(4),
    },
    z: new Float32Array(2),
    evidence: new Float64Array(2),
    junk: new Float32Array(2),
  };

  test("arrays count classes from 0, people from 1; particle indices count from 0 into the input file", () => {
    writeParticleTable(folder("particles.csv"), { keys: ["7@a.mrcs", "2@a.mrcs"], K: 3, zDim: 1, assignments });
    const [head, ...rows] = readFileSync(folder("particles.csv"), "utf8").trim().split("\n");
    expect(head).toMatch(/^key,index,class,p1,p2,p3,/);
    expect(rows[0]).toMatch(/^7@a.mrcs,0,1,1,0,0,/);
    expect(rows[1]).toMatch(/^2@a.mrcs,1,3,0,0,1,/);
  });

  test("images in a stack are counted from 1 in STAR files and keys, from 0 in memory", () => {
    const name = parseImageName("000012@stack.mrcs", "row 1");
    expect(name.index).toBe(11);
    expect(imageKey(name)).toBe("12@stack.mrcs");
  });
});

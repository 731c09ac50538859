import { writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { rotationFromEuler } from "../../../src/geometry/rotation.js";
import {
  formatCryodrgnCtfs,
  formatCryodrgnIndices,
  readCryodrgnCtfs,
  readCryodrgnIndices,
  readCryodrgnPoses,
} from "../../../src/io/cryodrgn.js";
import { openParticles } from "../../../src/io/particles.js";
import { pickleArray, picklePair } from "../../../src/io/pickle-write.js";
import { readPoses } from "../../../src/io/star-poses.js";
import { mrcBytes } from "../../support/mrc-bytes.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const IMAGES = { box: 4, pixelSizeAngstrom: 2 };
const R = rotationFromEuler(0.3, 0.8, -1.2);
const DEGREE = Math.PI / 180;

function ctfPickle(name: string, rows: readonly (readonly number[])[]): string {
  writeFileSync(
    folder(name),
    pickleArray({ values: Float32Array.from(rows.flat()), shape: [rows.length, rows[0]!.length] }),
  );
  return folder(name);
}

function posePickle(
  name: string,
  rotations: readonly number[],
  shape: readonly number[],
  t?: readonly number[],
): string {
  const r = { values: Float32Array.from(rotations), shape };
  const bytes =
    t === undefined ? pickleArray(r) : picklePair(r, { values: Float32Array.from(t), shape: [t.length / 2, 2] });
  writeFileSync(folder(name), bytes);
  return folder(name);
}

describe("pose.pkl", () => {
  test("holds our matrix, and RELION's origin as a fraction of the box", () => {
    const { rotations, shiftsAngstrom } = readCryodrgnPoses(posePickle("p.pkl", R, [1, 3, 3], [0.25, -0.5]), IMAGES);
    R.forEach((x, k) => {
      expect(rotations.matrices[k]).toBeCloseTo(x, 6);
    });
    expect([...shiftsAngstrom]).toEqual([-2, 4]);
  });

  test("without translations, or with matrices as rows of nine, is read", () => {
    const { rotations, shiftsAngstrom } = readCryodrgnPoses(posePickle("nine.pkl", R, [1, 9]), IMAGES);
    expect(rotations.count).toBe(1);
    expect([...shiftsAngstrom]).toEqual([0, 0]);
  });

  test.each<[string, readonly number[], readonly number[], number[] | undefined, string]>([
    ["pixels", R, [1, 3, 3], [12, 0], "expected translations as fractions of the box, got 12 in row 0"],
    ["NaN", R, [1, 3, 3], [Number.NaN, 0], "got NaN in row 0"],
    [
      "no rotations",
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
      [1, 3, 3],
      undefined,
      "expected rotation matrices, got another matrix in row 0",
    ],
    ["another shape", [...R, 0, 0, 0], [4, 3], undefined, "expected rotations as an array of N×3×3 or N×9, got 4×3"],
    ["other counts", R, [1, 3, 3], [0, 0, 0, 0], "expected 1 translations, as rotations, got 2"],
  ])("with %s is refused", (name, rotations, shape, t, message) => {
    expect(() => readCryodrgnPoses(posePickle(`${name}.pkl`, rotations, shape, t), IMAGES)).toThrow(message);
  });
});

describe("ctf.pkl", () => {
  const row = [4, 2, 12000, 11000, 30, 300, 2.7, 0.1, 90];

  test("holds box, pixel size, defocus, angle in degrees, kV, Cs, contrast, phase shift in degrees", () => {
    const ctfs = readCryodrgnCtfs(ctfPickle("c.pkl", [row]));
    expect(ctfs).toMatchObject({ count: 1, box: 4, pixelSizeAngstrom: 2 });
    expect(ctfs.optics(0)).toEqual({ voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 });
    expect(ctfs.defocus(0)).toEqual({
      uAngstrom: 12000,
      vAngstrom: 11000,
      angleRad: 30 * DEGREE,
      phaseShiftRad: 90 * DEGREE,
    });
    writeFileSync(
      folder("again.pkl"),
      formatCryodrgnCtfs({ ...IMAGES, ...ctfs, optics: ctfs.optics, defocus: ctfs.defocus }, [0]),
    );
    expect(readCryodrgnCtfs(folder("again.pkl")).defocus(0)).toEqual(ctfs.defocus(0));
  });

  test.each<[string, number[][], string]>([
    ["two pixel sizes", [row, [4, 3, ...row.slice(2)]], "expected one box and pixel size, got others in row 1"],
    ["no numbers", [[...row.slice(0, 8), Number.NaN]], "expected finite numbers, got NaN in row 0"],
    ["eight columns", [row.slice(1)], "expected CTF parameters as an array of N×9, got 1×8"],
  ])("with %s is refused", (name, rows, message) => {
    expect(() => readCryodrgnCtfs(ctfPickle(`${name}.pkl`, rows))).toThrow(message);
  });
});

test("ind.pkl holds indices from 0", () => {
  writeFileSync(folder("ind.pkl"), formatCryodrgnIndices([3, 0, 70_000]));
  expect([...readCryodrgnIndices(folder("ind.pkl"))]).toEqual([3, 0, 70_000]);
  writeFileSync(folder("minus.pkl"), formatCryodrgnIndices([-1]));
  expect(() => readCryodrgnIndices(folder("minus.pkl"))).toThrow("expected indices of particles, from 0, got -1");
});

describe("stacks with pickles", () => {
  const rows = [
    [8, 1, 12000, 11000, 30, 300, 2.7, 0.1, 0],
    [8, 1, 13000, 12000, 30, 300, 2.7, 0.1, 0],
    [8, 1, 24000, 23000, 30, 300, 2.7, 0.1, 0],
  ];
  const poses = [...R, ...R, ...R];
  beforeAll(() => {
    const stack = (name: string, count: number, first: number): void => {
      const values = Float32Array.from({ length: 16 * count }, (_, i) => first + Math.floor(i / 16));
      writeFileSync(folder(name), mrcBytes({ n: [4, 4, count], values, pixelSizeAngstrom: 1 }));
    };
    stack("a.mrcs", 2, 10);
    stack("b.mrc", 1, 20);
    writeFileSync(folder("list.txt"), "# two stacks\na.mrcs\n\nb.mrc\r\n");
  });

  test("a .txt names stacks, read one after the other; pickles pair with them in that order", async () => {
    const options = {
      ctfPkl: ctfPickle("three.pkl", rows),
      posePkl: posePickle("poses.pkl", poses, [3, 3, 3], [0, 0, 0, 0, 0.5, 0]),
    };
    const particles = await openParticles(folder("list.txt"), options);
    expect(particles.keys).toEqual(["1@a.mrcs", "2@a.mrcs", "1@b.mrc"]);
    expect([0, 1, 2].map((i) => particles.readImage(i)[0])).toEqual([10, 11, 20]);
    expect(particles).toMatchObject({ box: 4, pixelSizeAngstrom: 2, hasCtf: true }); // 8 px of 1 Å are 4 of 2 Å
    expect(particles.defocus(2).uAngstrom).toBe(24000);
    const found = readPoses(particles)!;
    expect(found.shiftsAngstrom[4]).toBe(-4);
    expect(found.rotations.matrices[9]).toBeCloseTo(R[0]!, 6);
  });

  test("pickles of other particles are refused: another count, another pixel size, another order", async () => {
    const open = (options: object): Promise<unknown> => openParticles(folder("list.txt"), options);
    await expect(open({ ctfPkl: ctfPickle("two.pkl", rows.slice(1)) })).rejects.toThrow(
      "expected 3 rows, one per particle of",
    );
    const ctfPkl = ctfPickle("three.pkl", rows);
    await expect(open({ ctfPkl, posePkl: posePickle("one.pkl", R, [1, 3, 3]) })).rejects.toThrow(
      "expected 3 poses, one per particle",
    );
    const list = (pixel: number): string =>
      `data_optics\nloop_\n_rlnOpticsGroup\n_rlnImagePixelSize\n_rlnVoltage\n_rlnSphericalAberration\n_rlnAmplitudeContrast\n1 ${pixel} 300 2.7 0.1\n` +
      "data_particles\nloop_\n_rlnImageName\n_rlnDefocusU\n_rlnOpticsGroup\n1@a.mrcs 12000 1\n1@b.mrc 24000 1\n2@a.mrcs 13000 1\n";
    writeFileSync(folder("sorted.star"), list(2));
    await expect(openParticles(folder("sorted.star"), { ctfPkl })).rejects.toThrow(
      "expected the defocus of 1@b.mrc in row 1 (from 0), 24000 Å, got 13000 Å; its rows are those of another order or set",
    );
    writeFileSync(folder("wide.star"), list(3));
    await expect(openParticles(folder("wide.star"), { ctfPkl })).rejects.toThrow("expected 3 Å per pixel of 4, as");
  });

  test("a .txt of other files is refused", async () => {
    writeFileSync(folder("other.txt"), "a.mrcs\nnotes.pdf\n");
    await expect(openParticles(folder("other.txt"))).rejects.toThrow(
      'expected one .mrcs or .mrc file per line, got "notes.pdf"',
    );
    writeFileSync(folder("none.txt"), "\n");
    await expect(openParticles(folder("none.txt"))).rejects.toThrow("got none");
  });
});

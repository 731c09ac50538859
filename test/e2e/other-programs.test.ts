import { mkdirSync, readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { seededRandom, shuffledIndices } from "../../src/core/random.js";
import type { Defocus, Poses } from "../../src/core/types.js";
import { randomRotation, rotationsOf } from "../../src/geometry/rotation.js";
import { exportParticles } from "../../src/io/export-particles.js";
import { exportStar } from "../../src/io/export-star.js";
import { readVolume, writeVolume } from "../../src/io/mrc.js";
import { createStackWriter } from "../../src/io/mrc-stack.js";
import { openParticles } from "../../src/io/particles.js";
import { readStar } from "../../src/io/star.js";
import { particleStar } from "../../src/io/star-new.js";
import { particleTables } from "../../src/io/star-optics.js";
import { poseColumns, readPoses } from "../../src/io/star-poses.js";
import { numberColumns, textColumns } from "../../src/io/star-table.js";
import { tokensOf } from "../../src/io/star-tokens.js";
import { writeStar } from "../../src/io/star-write.js";
import { ctf } from "../../src/optics/ctf.js";
import { hasRelion, pythonWithMrcfile, run } from "../support/other-programs.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
const BOX = 24;
const PIXEL = 4;
const COUNT = 60;
const OPTICS = { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 };
const BLOB = [4, -2, 3] as const; // pixels from the centre, x, y, z
const SIGMA = 1.5;

/** A Gaussian blob at (x, y) seen through a CTF: its Fourier series, summed as it stands. */
function blobImage(x: number, y: number, defocus: Defocus): Float32Array {
  const transfer = ctf(OPTICS, defocus);
  const waves: { kx: number; ky: number; amplitude: number; phase: number }[] = [];
  for (let ky = -BOX / 2 + 1; ky < BOX / 2; ky++)
    for (let kx = -BOX / 2 + 1; kx < BOX / 2; kx++) {
      const gaussian = Math.exp(-2 * (Math.PI * SIGMA) ** 2 * ((kx / BOX) ** 2 + (ky / BOX) ** 2));
      const amplitude = gaussian * transfer(kx / (BOX * PIXEL), ky / (BOX * PIXEL));
      if (gaussian > 1e-4) waves.push({ kx, ky, amplitude, phase: -kx * x - ky * y });
    }
  return Float32Array.from({ length: BOX * BOX }, (_, i) => {
    const [ix, iy] = [(i % BOX) - BOX / 2, Math.floor(i / BOX) - BOX / 2];
    return waves.reduce((sum, { kx, ky, amplitude, phase }) => {
      return sum + amplitude * Math.cos((2 * Math.PI * (kx * ix + ky * iy + phase)) / BOX);
    }, 0);
  });
}

/** Truth. The blob's projections lie beside it as a stack and a list without poses. */
let poses: Poses;
beforeAll(() => {
  const random = seededRandom(1);
  const rotations = rotationsOf(Array.from({ length: COUNT }, () => randomRotation(random)));
  const shiftsAngstrom = Float64Array.from({ length: 2 * COUNT }, () => 16 * (random.uniform() - 0.5));
  mkdirSync(folder("Extract"), { recursive: true });
  const writer = createStackWriter(folder("Extract", "blob.mrcs"), { box: BOX, pixelSizeAngstrom: PIXEL });
  const defocus = Array.from({ length: COUNT }, () => 8000 + 8000 * random.uniform());
  for (let i = 0; i < COUNT; i++) {
    const m = rotations.matrices.subarray(9 * i, 9 * i + 9);
    const at = (axis: number): number =>
      m[3 * axis]! * BLOB[0] +
      m[3 * axis + 1]! * BLOB[1] +
      m[3 * axis + 2]! * BLOB[2] +
      shiftsAngstrom[2 * i + axis]! / PIXEL;
    const u = defocus[i]!;
    writer.append(blobImage(at(0), at(1), { uAngstrom: u, vAngstrom: u - 500, angleRad: 0.5, phaseShiftRad: 0 }));
  }
  writer.close();
  const star = particleStar({
    opticsGroups: [{ name: "blob", box: BOX, pixelSizeAngstrom: PIXEL, optics: OPTICS }],
    particles: {
      rlnImageName: defocus.map((_, i) => `${String(i + 1).padStart(6, "0")}@Extract/blob.mrcs`),
      rlnMicrographName: defocus.map(() => "a micrograph.mrc"),
      rlnDefocusU: defocus,
      rlnDefocusV: defocus.map((u) => u - 500),
      rlnDefocusAngle: defocus.map(() => 0.5 / (Math.PI / 180)),
      rlnOpticsGroup: new Int32Array(COUNT).fill(1),
    },
  });
  writeStar(folder("blob.star"), star);
  poses = { rotations, shiftsAngstrom };
});

test.skipIf(!hasRelion)("RELION reconstructs our particles, poses and CTF to the map they came from", async () => {
  const particles = await openParticles(folder("blob.star"));
  writeStar(folder("posed.star"), exportStar(particles, { added: poseColumns(particles, poses) }));
  particles.close();
  run("relion_reconstruct", ["--i", "posed.star", "--o", "map.mrc", "--ctf"], folder());
  const { values, box, pixelSizeAngstrom } = readVolume(folder("map.mrc"));
  expect([box, pixelSizeAngstrom]).toEqual([BOX, PIXEL]);
  const top = values.indexOf(Math.max(...values));
  const place = [top % BOX, Math.floor(top / BOX) % BOX, Math.floor(top / BOX ** 2)].map((index) => index - BOX / 2);
  expect(place).toEqual([...BLOB]);
  const truth = Float64Array.from(values, (_, i) => {
    const r2 = [i % BOX, Math.floor(i / BOX) % BOX, Math.floor(i / BOX ** 2)].reduce(
      (sum, index, axis) => sum + (index - BOX / 2 - BLOB[axis]!) ** 2,
      0,
    );
    return Math.exp(-r2 / (2 * SIGMA ** 2));
  });
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
    Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0);
  expect(dot(values, truth) / Math.sqrt(dot(values, values) * dot(truth, truth))).toBeGreaterThan(0.95);
});

test.skipIf(!hasRelion)("RELION reads a selection of ours, quoted names and added columns included", async () => {
  const particles = await openParticles(folder("blob.star"));
  const rows = [7, 3, 50];
  const added = { rlnClassNumber: [1, 2, 1], rlnMaxValueProbDistribution: [0.25, 1, 1e-7] };
  writeStar(folder("some.star"), exportStar(particles, { rows, added }));
  particles.close();
  run(
    "relion_star_handler",
    ["--i", "some.star", "--o", "theirs.star", "--select", "rlnDefocusU", "--minval", "0"],
    folder(),
  );
  const table = readStar(folder("theirs.star")).blocks.find(({ name }) => name === "particles")!.table!;
  expect(textColumns(table, ["rlnImageName"])[0]).toEqual([
    "000008@Extract/blob.mrcs",
    "000004@Extract/blob.mrcs",
    "000051@Extract/blob.mrcs",
  ]);
  expect(numberColumns(table, ["rlnClassNumber", "rlnMaxValueProbDistribution"], "theirs").map((x) => [...x])).toEqual([
    [1, 2, 1],
    [0.25, 1, 1e-7],
  ]);
});

test.skipIf(!hasRelion)("RELION reconstructs the same map from our exports as from the original list", async () => {
  const particles = await openParticles(folder("blob.star"));
  writeStar(folder("original.star"), exportStar(particles, { added: poseColumns(particles, poses) }));
  particles.close();
  const original = await openParticles(folder("original.star"));
  // By way of our nouns: angles to matrices and back, rows in another order, optics groups dropped where unused.
  const rows = shuffledIndices(COUNT, seededRandom(4));
  exportParticles(original, folder("ours.star"), { rows, poses: readPoses(original)!, unusedOptics: "drop" });
  // By way of cryoDRGN's pickle.
  exportParticles(original, folder("pose.pkl"));
  const bare = await openParticles(folder("blob.star"), { posePkl: folder("pose.pkl") });
  exportParticles(bare, folder("pickled.star"), { poses: readPoses(bare)! });
  for (const list of ["original", "ours", "pickled"])
    run("relion_reconstruct", ["--i", `${list}.star`, "--o", `${list}.mrc`, "--ctf"], folder());
  const [map, ...others] = ["original", "ours", "pickled"].map((list) => readVolume(folder(`${list}.mrc`)).values);
  const scale = Math.max(...map!.map(Math.abs));
  for (const other of others) {
    const furthest = other.reduce((most, value, i) => Math.max(most, Math.abs(value - map![i]!)), 0);
    expect(furthest / scale).toBeLessThan(1e-3); // float32 sums in another order; angles of nine digits
  }
  original.close();
  bare.close();
});

test.skipIf(!hasRelion)("relion_star_printtable prints every value of what we write", async () => {
  // It cuts lines at blanks, quoted or not: no names with blanks here.
  const micrographs = { rlnMicrographName: new Array<string>(COUNT).fill("plain.mrc") };
  writeStar(folder("plain.star"), exportStar({ star: readStar(folder("blob.star")) }, { added: micrographs }));
  const particles = await openParticles(folder("plain.star"));
  exportParticles(particles, folder("printed.star"), { rows: [2, 40], poses, classes: new Int32Array(COUNT).fill(1) });
  const labels = [
    "rlnImageName",
    "rlnMicrographName",
    "rlnDefocusU",
    "rlnAngleTilt",
    "rlnOriginXAngst",
    "rlnClassNumber",
  ];
  const args = ["printed.star", "data_particles", ...labels.map((label) => `_${label}`)];
  const { particles: table } = particleTables(readStar(folder("printed.star")));
  const columns = textColumns(table, labels);
  const printed = run("relion_star_printtable", args, folder()).trim().split("\n").map(tokensOf);
  expect(printed).toEqual([0, 1].map((row) => columns.flatMap((column) => tokensOf(column[row]!))));
  particles.close();
});

test.skipIf(pythonWithMrcfile === null)("mrcfile finds nothing to object to in our maps and stacks", () => {
  const values = Float32Array.from({ length: BOX ** 3 }, (_, i) => Math.sin(i));
  writeVolume(folder("sine.mrc"), { kind: "volume", box: BOX, pixelSizeAngstrom: PIXEL, values });
  const script = `
import json, sys, mrcfile
out = []
for path in sys.argv[1:]:
    with mrcfile.open(path) as f:
        out.append([mrcfile.validate(path, print_file=sys.stderr), bool(f.is_volume()), list(f.data.shape), float(f.data[1, 2, 3]), float(f.voxel_size.x)])
print(json.dumps(out))`;
  const said = JSON.parse(
    run(pythonWithMrcfile!, ["-c", script, folder("sine.mrc"), folder("Extract", "blob.mrcs")]),
  ) as unknown[][];
  const stackBytes = readFileSync(folder("Extract", "blob.mrcs"));
  expect(said).toEqual([
    [true, true, [BOX, BOX, BOX], values[BOX * BOX + 2 * BOX + 3], PIXEL],
    [true, false, [COUNT, BOX, BOX], stackBytes.readFloatLE(1024 + 4 * (BOX * BOX + 2 * BOX + 3)), PIXEL],
  ]);
});

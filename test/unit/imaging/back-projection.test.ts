import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/core/random.js";
import type { Poses } from "../../../src/core/types.js";
import { type Matrix3, randomRotation, rotationsOf } from "../../../src/geometry/rotation.js";
import { backProject } from "../../../src/imaging/back-projection.js";
import { beadModel, beadVolume } from "../../../src/imaging/bead-model.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { fourierShellCorrelation } from "../../../src/metrics/fourier-shell-correlation.js";
import { correlation } from "../../support/compare.js";
import { crab } from "../../support/known-beads.js";
import { knownRow, titan, writePrepared } from "../../support/prepared-set.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();
const grid = { box: 32, pixelSizeAngstrom: 6 };
const model = beadModel(crab, 0, 6);
const truth = beadVolume(model, grid.box, grid.pixelSizeAngstrom);

/** A prepared set of exact projections times `scale`, with noise of variance 1 or without, and its poses. */
function projections(name: string, count: number, scale: number, noisy: boolean) {
  const random = seededRandom(1);
  const rotations = Array.from({ length: count }, () => randomRotation(random));
  const shiftsAngstrom = Float64Array.from({ length: 2 * count }, () => 40 * (random.uniform() - 0.5));
  const contrast = rotations.map(() => titan(10000 + 12000 * random.uniform()));
  const rows = rotations.map((rotation, i) => {
    const shiftAngstrom = [shiftsAngstrom[2 * i]!, shiftsAngstrom[2 * i + 1]!] as const;
    const image = { model, rotation, shiftAngstrom, contrast: contrast[i]! };
    return knownRow(image, grid, scale, noisy ? random : undefined);
  });
  const poses: Poses = { rotations: rotationsOf(rotations), shiftsAngstrom };
  return { reader: openPrepared(writePrepared(folder(name), { ...grid, rows, contrast })), poses, rotations };
}

const shells = (a: typeof truth, b: typeof truth): Float64Array =>
  fourierShellCorrelation(a, b, { shells: "relion" }).correlation;

describe("the back-projection of noise-free images", () => {
  const { reader, poses, rotations } = projections("clean", 600, 1, false);
  const { map, halves, counts } = backProject(reader, poses, { prior: "none" });

  test("is the map they were projected from, in shape and in scale", () => {
    expect(map).toMatchObject({ kind: "volume", ...grid });
    expect(counts).toEqual([300, 300]);
    expect(correlation(map.values, truth.values)).toBeGreaterThan(0.998);
    const fsc = shells(map, truth);
    for (let s = 1; s < 15; s++) expect(fsc[s], `shell ${s}`).toBeGreaterThan(0.99);
    const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
    expect(dot(map.values, truth.values) / dot(truth.values, truth.values)).toBeCloseTo(1, 1);
  });

  test("agrees between the halves", () => {
    const fsc = shells(...halves);
    for (let s = 1; s < 12; s++) expect(fsc[s], `shell ${s}`).toBeGreaterThan(0.98);
  });

  test("is spoilt by transposed rotations, by shifts of the wrong sign and by poses in the wrong order", () => {
    const transposed = rotations.map(
      (m): Matrix3 => [0, 3, 6, 1, 4, 7, 2, 5, 8].map((i) => m[i]!) as unknown as Matrix3,
    );
    const reversed: Poses = {
      rotations: rotationsOf(rotations.toReversed()),
      shiftsAngstrom: new Float64Array(poses.shiftsAngstrom.length),
    };
    for (const wrong of [
      { ...poses, rotations: rotationsOf(transposed) },
      { ...poses, shiftsAngstrom: poses.shiftsAngstrom.map((s) => -s) },
      reversed,
    ]) {
      const spoilt = backProject(reader, wrong, { prior: "none" });
      expect(correlation(spoilt.map.values, truth.values)).toBeLessThan(0.85);
    }
  });

  test("leaves out what has weight 0, and counts twice what has weight 2", () => {
    const even = poses.shiftsAngstrom.slice(0, 600).map((_, i) => 1 - (i % 2));
    const half = backProject(reader, poses, { prior: "none", weights: even });
    expect(half.counts).toEqual([300, 0]);
    expect(correlation(half.map.values, halves[0].values)).toBeCloseTo(1, 9);
    expect(half.halves[1].values.every((v) => v === 0)).toBe(true);

    const some = { rotations: rotationsOf(rotations.slice(0, 3)), shiftsAngstrom: poses.shiftsAngstrom.slice(0, 6) };
    const twice = {
      rotations: rotationsOf([...rotations.slice(0, 3), rotations[1]!]),
      shiftsAngstrom: Float64Array.from([...some.shiftsAngstrom, ...some.shiftsAngstrom.slice(2, 4)]),
    };
    const weighted = backProject(reader, some, { images: [0, 1, 2], weights: [1, 2, 1] });
    const listed = backProject(reader, twice, { images: [0, 1, 2, 1] });
    expect(correlation(weighted.map.values, listed.map.values)).toBeCloseTo(1, 9);
  });

  test("puts every image in the half that is asked for", () => {
    const odd = Int32Array.from({ length: 600 }, (_, i) => 1 - (i % 2));
    const swapped = backProject(reader, poses, { prior: "none", halfOf: odd });
    expect(swapped.halves[0].values).toEqual(halves[1].values);
  });

  test("within a radius has nothing beyond it", () => {
    const low = backProject(reader, poses, { prior: "none", radius: 6 });
    const fsc = shells(low.map, truth);
    expect(fsc[5]).toBeGreaterThan(0.99);
    expect(correlation(low.map.values, truth.values)).toBeLessThan(correlation(map.values, truth.values));
  });

  test("is refused where the poses do not fit the set", () => {
    expect(() => backProject(reader, { ...poses, shiftsAngstrom: new Float64Array(4) })).toThrow("1200 numbers, got 4");
    expect(() => backProject(reader, poses, { weights: [1] })).toThrow("weights: expected one for each of 600 poses");
    expect(() => backProject(reader, poses, { weights: poses.shiftsAngstrom.slice(0, 600).fill(0) })).toThrow(
      "weights: expected at least one positive weight, got none",
    );
    expect(() => backProject(reader, poses, { radius: 20 })).toThrow("radius: expected a radius in (0, 15], got 20");
    expect(() => backProject(reader, poses, { signal: AbortSignal.abort() })).toThrow("stopped");
  });
});

test("under noise, the signal's prior brings the map nearer to the truth than plain division does", () => {
  const scale = 12;
  const { reader, poses } = projections("noisy", 300, scale, true);
  // What prepare would have measured: √(mean |S|² / 2) per shell of the projections.
  const power = new Float64Array(16);
  const points = new Float64Array(16);
  for (const rotation of [...Array(40).keys()].map((i) => poses.rotations.matrices.subarray(9 * i, 9 * i + 9)))
    knownRow({ model, rotation: [...rotation] as unknown as Matrix3, shiftAngstrom: [0, 0] }, grid, scale).forEach(
      (v, i) => {
        const shell = reader.plane.shell[i >> 1]!;
        power[shell]! += v * v;
        points[shell]! += 1;
      },
    );
  const signalEnvelope = Float32Array.from(power, (p, s) => Math.sqrt(p / Math.max(1, points[s]!)) || 1);
  const known = { ...reader, set: { ...reader.set, signalEnvelope } };
  const error = (prior: "signal" | "none"): number =>
    backProject(known, poses, { prior }).map.values.reduce((sum, v, i) => sum + (v - scale * truth.values[i]!) ** 2, 0);
  const [wiener, plain] = [error("signal"), error("none")];
  expect(wiener).toBeLessThan(0.7 * plain);
  // And than a prior ten times too weak or too strong in amplitude, so that its unit is right.
  for (const factor of [0.1, 10]) {
    const off = { ...reader, set: { ...reader.set, signalEnvelope: signalEnvelope.map((s) => s * factor) } };
    const values = backProject(off, poses).map.values;
    expect(wiener).toBeLessThan(values.reduce((sum, v, i) => sum + (v - scale * truth.values[i]!) ** 2, 0));
  }
});

/** @file Particles whose maps are exactly linear in their coordinates: beads that stay, of weights that change. */
import { seededRandom } from "../../src/core/random.js";
import { type Matrix3, randomRotation } from "../../src/geometry/rotation.js";
import type { BeadModel } from "../../src/imaging/bead-model.js";
import { halfPlane } from "../../src/imaging/half-plane.js";
import type { PreparedParticles } from "../../src/imaging/prepare.js";
import { knownRow, titan, writePrepared } from "./prepared-set.js";

const BEADS = 200;
const GRID = { box: 24, pixelSizeAngstrom: 9 } as const;
/** Signal in units of the noise: 36 at the lowest frequencies, 1 near 30 Å. */
const SCALE = 8;

export interface LinearTruth {
  readonly coordinates: readonly [number, number];
  readonly rotation: Matrix3;
  readonly shiftAngstrom: readonly [number, number];
}

export interface LinearSet {
  readonly set: PreparedParticles;
  readonly truths: readonly LinearTruth[];
  /** Float64[count 9], pose rows. */
  readonly poses: Float64Array;
}

/** Rigid (0), or moving along one or two axes: density flows between the quadrants of the xy-plane, and of the yz-plane. */
export function linearBeads(axes: 0 | 1 | 2, coordinates: readonly [number, number]): BeadModel {
  const random = seededRandom(3);
  const positionsAngstrom = Float64Array.from({ length: 3 * BEADS }, () =>
    Math.max(-36, Math.min(36, 20 * random.normal())),
  );
  const weights = Float64Array.from({ length: BEADS }, (_, i) => {
    const [x, y, z] = positionsAngstrom.subarray(3 * i, 3 * i + 3);
    const first = axes > 0 ? coordinates[0] * Math.sign(x! * y!) : 0;
    const second = axes > 1 ? coordinates[1] * Math.sign(y! * z!) : 0;
    return 1 + 0.4 * (first + second);
  });
  return { kind: "bead-model", count: BEADS, positionsAngstrom, weights, sigmaAngstrom: 8 };
}

/** `count` images of side 24 with noise of variance 1, written as the working set `file`. */
export function linearSet(file: string, axes: 0 | 1 | 2, count: number): LinearSet {
  const [random, noise] = [seededRandom(3), seededRandom(4)];
  const between = (a: number, b: number): number => a + (b - a) * random.uniform();
  const truths = Array.from({ length: count }, () => ({
    coordinates: [between(-1, 1), between(-1, 1)] as const,
    rotation: randomRotation(random),
    shiftAngstrom: [between(-10, 10), between(-10, 10)] as const,
    contrast: titan(between(10000, 20000)),
  }));
  const modelOf = (t: LinearTruth): BeadModel => linearBeads(axes, t.coordinates);
  const rows = truths.map((t) => knownRow({ ...t, model: modelOf(t) }, GRID, SCALE, noise));
  const set = writePrepared(file, {
    ...GRID,
    rows,
    contrast: truths.map((t) => t.contrast),
    signalEnvelope: envelopeOf(
      truths.map(({ contrast: _, ...t }) => knownRow({ ...t, model: modelOf(t) }, GRID, SCALE)),
    ),
  });
  const pixels = (t: LinearTruth): number[] => t.shiftAngstrom.map((s) => s / GRID.pixelSizeAngstrom);
  const poses = Float64Array.from(truths.flatMap((t) => [...t.rotation.slice(0, 6), ...pixels(t), 0]));
  return { set, truths, poses };
}

/** R.m.s. coefficient of clean images per shell. */
function envelopeOf(rows: readonly Float32Array[]): Float32Array {
  const plane = halfPlane(GRID.box);
  const [sum, count] = [new Float64Array(GRID.box / 2), new Float64Array(GRID.box / 2)];
  for (const row of rows)
    for (let p = 0; p < plane.count; p++) {
      const shell = Math.min(GRID.box / 2 - 1, plane.shell[p]!);
      sum[shell]! += (row[2 * p]! ** 2 + row[2 * p + 1]! ** 2) / 2;
      count[shell]!++;
    }
  const envelope = Float32Array.from(sum, (s, shell) => Math.sqrt(s / Math.max(1, count[shell]!)));
  envelope[0] = envelope[1]!;
  return envelope;
}

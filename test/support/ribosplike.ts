/**
 * @file The ribosplike mixture: 70S ribosome (ratchet), pre-catalytic spliceosome, SARS-CoV-2 spike, each moving.
 *
 * As `../shared/data/README.md` describes: 64³ at 8.5 Å. Ribosome: the trace, 30S turned by ±8° about the line through
 * the two subunits' centroids. Spliceosome: three states, neighbours blended linearly (its voxels are beads of no
 * width). Spike: superposed on S2, the RBD of chain B turned from closed to open. Every species is scaled to the same
 * variance of its projections. z runs from −1 to 1.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { seededRandom } from "../../src/core/random.js";
import {
  type Matrix3,
  multiply,
  randomRotation,
  rotationFromVector,
  transpose,
  vectorFromRotation,
} from "../../src/geometry/rotation.js";
import { type BeadModel, beadProjection } from "../../src/imaging/bead-model.js";
import type { Exposure, ParticleModel } from "../../src/imaging/simulate.js";
import { readVolume } from "../../src/io/mrc.js";
import { sharedData } from "./shared-data.js";

export const RIBOSPLIKE: readonly string[] = ["ribosome", "spliceosome", "spike"];
export const GRID = { box: 64, pixelSizeAngstrom: 8.5 } as const;
/** SNR 0.1, shifts of up to 5 % of the box, CTF. */
export const EXPOSURE: Omit<Exposure, "counts"> = {
  ...GRID,
  seed: 11,
  snr: 0.1,
  shiftAngstrom: 27,
  optics: { voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 },
  defocusAngstrom: [10000, 25000],
  astigmatismAngstrom: 500,
};

type Vector = [number, number, number];
type FlexibleBeads = (z: number) => BeadModel;

/** Width of an atom's Gaussian (standard deviation), about 17 Å of resolution. */
const ATOM_SIGMA_ANGSTROM = 6;
/** Of the ribosome's trace one point in this many is drawn; at 17 Å it makes no difference. */
const TRACE_STEP = 4;
const RATCHET_RAD = (8 * Math.PI) / 180;

/** The three species. */
export function ribosplike(): ParticleModel {
  const species = [ribosome(), spliceosome(), spike()].map(ofUnitVariance);
  return (s, z) => species[s]!(z);
}

function ribosome(): FlexibleBeads {
  const rows = readFileSync(sharedData("derived_atoms", "4v5a_70S_trace.tsv"), "utf8").trim().split("\n").slice(1);
  const points: { part: string; atom: string; at: Vector }[] = [];
  rows.forEach((line, i) => {
    const cells = line.split("\t");
    if (i % TRACE_STEP !== 0 || /^A[VWXY]$/.test(cells[1]!)) return;
    points.push({ part: cells[0]!, atom: cells[4]!, at: [+cells[6]!, +cells[7]!, +cells[8]!] });
  });
  const weights = Float64Array.from(points, ({ atom }) => (atom === "CA" ? 110 : 160));
  const small = points.map(({ part }) => part.startsWith("30S"));
  const centre = centroid(points.map((p) => p.at));
  const smallCentre = centroid(points.filter((_, i) => small[i]).map((p) => p.at));
  const largeCentre = centroid(points.filter((_, i) => !small[i]).map((p) => p.at));
  const axis = scale(minus(smallCentre, largeCentre), 1 / Math.hypot(...minus(smallCentre, largeCentre)));
  return (z) => {
    const turn = rotationFromVector(scale(axis, z * RATCHET_RAD));
    const positions = points.map(({ at }, i) =>
      small[i] ? plus(apply(turn, minus(at, smallCentre)), smallCentre) : at,
    );
    return beads(positions, centre, weights, ATOM_SIGMA_ANGSTROM);
  };
}

function spliceosome(): FlexibleBeads {
  const states = [0, 1, 2].map((i) => readVolume(sharedData("recovar", `vol000${i}.mrc`), GRID));
  const { box, pixelSizeAngstrom } = GRID;
  const top = states[0]!.values.reduce((a, b) => Math.max(a, b), 0);
  const voxels: number[] = [];
  for (let v = 0; v < box ** 3; v++) if (states.some(({ values }) => values[v]! > 0.03 * top)) voxels.push(v);
  const positions = voxels.map((v): Vector => {
    const at = [v % box, Math.floor(v / box) % box, Math.floor(v / box ** 2)];
    return at.map((i) => (i - box / 2) * pixelSizeAngstrom) as Vector;
  });
  const middle = states[1]!.values;
  const centre = centroid(
    positions,
    voxels.map((v) => middle[v]!),
  );
  return (z) => {
    const [from, to] = z < 0 ? [states[0]!, states[1]!] : [states[1]!, states[2]!];
    const t = z < 0 ? z + 1 : z;
    const weights = Float64Array.from(voxels, (v) => (1 - t) * from.values[v]! + t * to.values[v]!);
    return beads(positions, centre, weights, 0);
  };
}

function spike(): FlexibleBeads {
  const closed = alphaCarbons(gunzipSync(readFileSync(sharedData("recovar", "6vxx.pdb.gz"))).toString());
  const open = alphaCarbons(readFileSync(sharedData("cryosim", "6vyb.pdb"), "utf8"));
  const [atoms, into] = [[...closed.keys()], (name: string): boolean => open.has(name)];
  const core = atoms.filter((name) => into(name) && residue(name) > 700);
  const onto = superpose(
    core.map((n) => open.get(n)!),
    core.map((n) => closed.get(n)!),
  );
  const inRbd = (name: string): boolean => name.startsWith("B") && residue(name) >= 335 && residue(name) <= 520;
  const domain = atoms.filter((name) => into(name) && inRbd(name));
  const shut = domain.map((n) => closed.get(n)!);
  const raised = domain.map((n) => plus(apply(onto.rotation, open.get(n)!), onto.shift));
  const lift = superpose(shut, raised);
  const pivot = centroid(shut);
  const step = minus(plus(apply(lift.rotation, pivot), lift.shift), pivot);
  const turn = vectorFromRotation(lift.rotation);
  const rest = atoms.map((n) => closed.get(n)!);
  const moves = atoms.map(inRbd);
  const centre = centroid(rest);
  const weights = new Float64Array(atoms.length).fill(110);
  return (z) => {
    const t = (z + 1) / 2;
    const part = rotationFromVector(scale(turn, t));
    const positions = rest.map((at, i) =>
      moves[i] ? plus(plus(apply(part, minus(at, pivot)), pivot), scale(step, t)) : at,
    );
    return beads(positions, centre, weights, ATOM_SIGMA_ANGSTROM);
  };
}

/** Weights scaled so that projections at the middle conformation have variance 1 over the box on average. */
function ofUnitVariance(model: FlexibleBeads): FlexibleBeads {
  const random = seededRandom(5);
  const middle = model(0);
  const views = 12;
  let power = 0;
  for (let view = 0; view < views; view++) {
    const values = beadProjection(middle, GRID, { rotation: randomRotation(random), shiftAngstrom: [0, 0] });
    for (let i = 2; i < values.length; i++) power += values[i]! ** 2 / views / GRID.box ** 2;
  }
  const factor = 1 / Math.sqrt(power);
  return (z) => {
    const at = model(z);
    return { ...at, weights: at.weights.map((w) => w * factor) };
  };
}

function beads(positions: readonly Vector[], centre: Vector, weights: Float64Array, sigmaAngstrom: number): BeadModel {
  const positionsAngstrom = Float64Array.from(positions.flatMap((at) => minus(at, centre)));
  return { kind: "bead-model", count: positions.length, positionsAngstrom, weights, sigmaAngstrom };
}

/** Chain and residue → position of Cα, Å. */
function alphaCarbons(pdb: string): Map<string, Vector> {
  const atoms = new Map<string, Vector>();
  for (const line of pdb.split("\n"))
    if (line.startsWith("ATOM") && line.slice(12, 16).trim() === "CA")
      atoms.set(line.slice(21, 26), [+line.slice(30, 38), +line.slice(38, 46), +line.slice(46, 54)]);
  return atoms;
}

function residue(name: string): number {
  return Number(name.slice(1));
}

/** The rigid motion that brings `moving` nearest to `fixed` (Kabsch). */
function superpose(moving: readonly Vector[], fixed: readonly Vector[]): { rotation: Matrix3; shift: Vector } {
  const [from, to] = [centroid(moving), centroid(fixed)];
  const a = new Matrix(moving.map((p) => minus(p, from)));
  const b = new Matrix(fixed.map((p) => minus(p, to)));
  const svd = new SingularValueDecomposition(a.transpose().mmul(b));
  const [u, v] = [svd.leftSingularVectors.to1DArray(), svd.rightSingularVectors.to1DArray()];
  const determinant = Math.sign(det3(multiply(v, transpose(u))));
  const rotation = multiply(multiply(v, [1, 0, 0, 0, 1, 0, 0, 0, determinant]), transpose(u));
  return { rotation, shift: minus(to, apply(rotation, from)) };
}

function det3(m: Matrix3): number {
  const [a, b, c, d, e, f, g, h, i] = m as [number, number, number, number, number, number, number, number, number];
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}

function centroid(points: readonly Vector[], weights?: readonly number[]): Vector {
  const total = weights?.reduce((a, b) => a + b, 0) ?? points.length;
  const out: Vector = [0, 0, 0];
  points.forEach((p, i) => {
    for (let a = 0; a < 3; a++) out[a]! += ((weights?.[i] ?? 1) * p[a]!) / total;
  });
  return out;
}

const plus = (a: Vector, b: Vector): Vector => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const scale = (a: Vector, s: number): Vector => [a[0] * s, a[1] * s, a[2] * s];
const apply = (m: Matrix3, p: Vector): Vector =>
  [0, 1, 2].map((i) => m[3 * i]! * p[0] + m[3 * i + 1]! * p[1] + m[3 * i + 2]! * p[2]) as Vector;

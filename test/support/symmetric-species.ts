/**
 * @file Two oligomers of the shared data that move: the RyR1 activation core along a measured path, and p97.
 *
 * RyR1: three steps of one protomer. Its four-fold axis is the line x = y = 210 Å (the middle of the map it was built
 * in): about it the four copies touch and nowhere overlap. p97: six chains, N domains (residues 1–187) that tilt.
 */
import { readFileSync } from "node:fs";
import { RADIANS_PER_DEGREE } from "../../src/core/constants.js";
import { rotationFromVector } from "../../src/geometry/rotation.js";
import { alphaCarbons, assemblyMotions, residue } from "./alpha-carbons.js";
import { beads, type FlexibleBeads } from "./flexible-beads.js";
import { sharedData } from "./shared-data.js";
import { apply, centroid, cross, minus, plus, scale, type Vector } from "./vectors.js";

/** Width of a residue's Gaussian (standard deviation), about 17 Å of resolution. */
const RESIDUE_SIGMA_ANGSTROM = 6;
/** Of the residues one in this many is drawn; at 17 Å it makes no difference. */
const RESIDUE_STEP = 2;
const RYR1_AXIS_ANGSTROM: Vector = [210, 210, 0];
const N_DOMAIN_END = 187;
/** Residues between the N domain and D1, about which the N domain tilts. */
const LINKER: readonly [number, number] = [185, 200];
const TILT_RAD = 20 * RADIANS_PER_DEGREE;

/** The tetramer, z from the first step of the path to the last. */
export function ryr1(): FlexibleBeads {
  const steps = ["01", "26", "50"].map((step) => [
    ...alphaCarbons(readFileSync(sharedData("ryr1", `${step}.pdb`), "utf8")).values(),
  ]);
  const quarter = [0, 1, 2, 3].map((turn) => rotationFromVector([0, 0, (turn * Math.PI) / 2]));
  return (z) => {
    const [from, to] = z < 0 ? [steps[0]!, steps[1]!] : [steps[1]!, steps[2]!];
    const t = z < 0 ? z + 1 : z;
    const protomer = from
      .map((at, i) => minus(plus(scale(at, 1 - t), scale(to[i]!, t)), RYR1_AXIS_ANGSTROM))
      .filter((_, i) => i % RESIDUE_STEP === 0);
    const positions = quarter.flatMap((turn) => protomer.map((at) => apply(turn, at)));
    const centre: Vector = [0, 0, centroid(steps[1]!)[2]];
    return beads(positions, centre, new Float64Array(positions.length).fill(1), RESIDUE_SIGMA_ANGSTROM);
  };
}

/** The hexamer, z from N domains tilted one way to tilted the other way, all six together. */
export function p97(): FlexibleBeads {
  const text = readFileSync(sharedData("polnet", "pdbs", "3cf3.pdb"), "utf8");
  const atoms = [...alphaCarbons(text)];
  const subunits = assemblyMotions(text).flatMap(({ rotation, shift }) =>
    ["A", "B", "C"].map((chain) =>
      atoms.flatMap(([name, at]): Residue[] =>
        name.startsWith(chain) ? [{ number: residue(name), at: plus(apply(rotation, at), shift) }] : [],
      ),
    ),
  );
  const centre = centroid(subunits.flat().map(({ at }) => at));
  const middles = subunits.map((subunit) => centroid(subunit.map(({ at }) => at)));
  const around = cross(minus(middles[0]!, centre), minus(middles[1]!, centre));
  const axis = scale(around, 1 / Math.hypot(...around));
  const hinges = subunits.map((subunit, s) => {
    const tangent = cross(axis, minus(middles[s]!, centre));
    const linker = subunit.filter(({ number }) => number >= LINKER[0] && number <= LINKER[1]);
    return { along: scale(tangent, 1 / Math.hypot(...tangent)), pivot: centroid(linker.map(({ at }) => at)) };
  });
  return (z) => {
    const positions = subunits.flatMap((subunit, s) => {
      const { along, pivot } = hinges[s]!;
      const tilt = rotationFromVector(scale(along, z * TILT_RAD));
      return subunit
        .filter((_, i) => i % RESIDUE_STEP === 0)
        .map(({ number, at }) => (number <= N_DOMAIN_END ? plus(apply(tilt, minus(at, pivot)), pivot) : at));
    });
    return beads(positions, centre, new Float64Array(positions.length).fill(1), RESIDUE_SIGMA_ANGSTROM);
  };
}

interface Residue {
  readonly number: number;
  readonly at: Vector;
}

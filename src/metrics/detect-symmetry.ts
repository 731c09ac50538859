/**
 * @file The point group of a map, from the map alone: C1, Cn, Dn (n up to 8), T, O or I.
 *
 * The axis of highest order about which the map repeats (symmetry-axes.ts, rotational-asymmetry.ts) is the main one; a second
 * axis of order 3 or more makes the group T, O or I, a 2-fold across the main one Dn. A group is named only where every one of
 * its axes is there.
 *
 * Measured on 64³ maps: axes that are there have an asymmetry of 0.00–0.01, and up to 0.08 under noise of FSC 0.5 at half of
 * Nyquist; the best axis of an asymmetric particle has 0.35 and more, that of a spike with one domain of three opened 0.17.
 */
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { rotationAt, rotationFromVector, vectorFromRotation } from "../geometry/rotation.js";
import { symmetryOperators } from "../geometry/symmetry.js";
import { along, cross, dot, perpendiculars, unit } from "./axial-spectrum.js";
import type { FourierShellCorrelation } from "./fourier-shell-correlation.js";
import { isolatedParticle } from "./isolated-particle.js";
import { mapCharacter } from "./map-character.js";
import { type AxisSearch, type SymmetryAxis, searchAxes } from "./symmetry-axes.js";
import type { Triple } from "./volume-comparison.js";

export interface DetectedSymmetry {
  readonly kind: "detected-symmetry";
  /** "C1", "C3", "D2", "T", "O", "I" … */
  readonly group: string;
  /** Unit vector along the axis of highest order, in the map's frame; null for C1. */
  readonly axis: Triple | null;
  /** Where the axes meet (a point of the axis for Cn), Å from the centre of the box; null for C1. */
  readonly centreAngstrom: Triple | null;
  /** Nine numbers: its columns are where x, y, z of `symmetryOperators(group)` lie in the map; null for C1. */
  readonly frame: readonly number[] | null;
  /** Mean over the axes of the group; for C1 that of the best axis. 0: exact, 1: no axis is worth a look. */
  readonly asymmetry: number;
  /** Of its main axis's order: the asymmetry that 95 % of all axes exceed; 1 for C1 without any such axis. */
  readonly byChance: number;
  /** For C1: a group that it nearly has, as a ring with one subunit that differs; null where there is none. */
  readonly nearly: string | null;
  /** Finest detail that was compared, Å. */
  readonly resolutionAngstrom: number;
}

export interface DetectSymmetryOptions {
  /** Of the map's halves, shells as RELION names them: tells signal from noise. @default what lies around the particle does */
  readonly fsc?: FourierShellCorrelation;
}

/** More than noise makes, less than half of a subunit in five that is not there. */
const LARGEST_ASYMMETRY = 0.08;
/** Shells with less signal are left out. */
const LEAST_SHARE = 0.3;
/** Diameters over the finest detail: below, anything looks symmetric. */
const LEAST_DETAIL = 3;

interface Candidate {
  readonly group: string;
  /** Where x, y, z of the group lie. */
  readonly frame: Frame;
  readonly centre: Triple;
}

type Frame = readonly [x: Triple, y: Triple, z: Triple];

/** Find the point group. A map without signal or detail enough is C1. */
export function detectSymmetry(volume: Volume, options: DetectSymmetryOptions = {}): DetectedSymmetry {
  check(volume.values.every(Number.isFinite), "volume", "finite densities", "NaN");
  const particle = isolatedParticle(volume, options.fsc);
  const { map, extent } = particle;
  const signalShare = particle.signalShare.map((s) => (s < LEAST_SHARE ? 0 : s));
  const last = lastShell(signalShare, map.box / 2 - 2);
  const resolutionAngstrom = (volume.box * volume.pixelSizeAngstrom) / last;
  const kind = "detected-symmetry" as const;
  const c1 = { kind, group: "C1", axis: null, centreAngstrom: null, frame: null, resolutionAngstrom } as const;
  if ((2 * extent.radius * last) / map.box < LEAST_DETAIL) return { ...c1, asymmetry: 1, byChance: 1, nearly: null };
  if (isBall(map, last)) return { ...c1, asymmetry: 1, byChance: 1, nearly: null };
  const search = searchAxes({ ...particle, signalShare }, last);
  for (const candidate of candidates(search)) {
    const { group, centre, frame } = settled(candidate, search);
    const axes = groupAxes(group);
    const each = asymmetries(axes, frame, centre, search);
    const asymmetry = each.reduce((sum, a) => sum + a / each.length, 0);
    if (asymmetry > LARGEST_ASYMMETRY) continue;
    const [x, y, z] = frame;
    return {
      ...{ kind, group, axis: turned(axes[0]!.axis, frame), nearly: null, asymmetry, resolutionAngstrom },
      centreAngstrom: along([0, 0, 0], map.pixelSizeAngstrom, centre),
      frame: [0, 1, 2].flatMap((row) => [x[row]!, y[row]!, z[row]!]),
      byChance: search.byChance(axes[0]!.order),
    };
  }
  const [best] = [...search.axes].sort((a, b) => a.asymmetry - b.asymmetry);
  if (best === undefined) return { ...c1, asymmetry: 1, byChance: 1, nearly: null };
  const byChance = search.byChance(best.order);
  const nearly = best.asymmetry < NEARLY * byChance ? `C${best.order}` : null;
  return { ...c1, asymmetry: best.asymmetry, byChance, nearly };
}

/** Whether the map is alike in all directions: every axis is one of every order then, and what is left is the grid's. */
function isBall(map: Volume, last: number): boolean {
  const { sphericalShare, power } = mapCharacter(map);
  const floor = LEAST_POWER * power.reduce((a, b) => Math.max(a, b), 0);
  const featured = sphericalShare.subarray(1, last + 1).some((s, i) => power[i + 1]! > floor && s < 1 - LEAST_FEATURE);
  return !featured;
}

/** Of a shell's power that depends on direction, and of the strongest shell's power: less is interpolation. */
const LEAST_FEATURE = 0.1;
const LEAST_POWER = 1e-4;

/** Of what random axes have. */
const NEARLY = 0.5;

/** The last shell before three without signal. */
function lastShell(share: Float64Array, end: number): number {
  let last = 0;
  for (let k = 1; k <= end && k <= last + 3; k++) if (share[k]! > 0) last = k;
  return last;
}

/** Groups that the axes may make, the largest first. */
function* candidates(search: AxisSearch): Generator<Candidate> {
  const there = search.axes.filter(({ asymmetry }) => asymmetry <= 1.5 * LARGEST_ASYMMETRY);
  const [main] = there;
  if (main === undefined) return;
  const second = there.find((other) => other !== main && other.order === main.order);
  if (second !== undefined && main.order >= 3) {
    const polyhedral = polyhedralGroup(main, second);
    if (polyhedral !== null) yield polyhedral;
  }
  const across = twofoldAcross(main, search);
  const x = unit(along(across.axis, -dot(across.axis, main.axis), main.axis));
  yield { group: `D${main.order}`, frame: [x, cross(main.axis, x), main.axis], centre: meeting(main, across) };
  yield { group: `C${main.order}`, frame: [...perpendiculars(main.axis), main.axis], centre: main.centre };
}

/** T, O or I with these two axes of the same order, in the frame of geometry/symmetry.ts; null where they fit none. */
function polyhedralGroup(main: SymmetryAxis, second: SymmetryAxis): Candidate | null {
  const centre = meeting(main, second);
  const a = main.axis;
  if (main.order === 3 || main.order === 4) {
    // T: another 3-fold lies at (0, √8/3, −1/3); O: another 4-fold along x.
    const b = main.order === 3 && dot(a, second.axis) > 0 ? along([0, 0, 0], -1, second.axis) : second.axis;
    const side = unit(along(b, -dot(a, b), a));
    if (main.order === 3) return { group: "T", centre, frame: [cross(side, a), side, a] };
    return { group: "O", centre, frame: [side, cross(a, side), a] };
  }
  if (main.order !== 5) return null;
  // Two neighbouring 5-folds: z is half way between, x across.
  const b = dot(a, second.axis) < 0 ? along([0, 0, 0], -1, second.axis) : second.axis;
  const [z, x] = [unit(along(a, 1, b)), unit(along(a, -1, b))];
  return { group: "I", centre, frame: [x, cross(z, x), z] };
}

/** The point of the first axis nearest to the second. */
function meeting(first: SymmetryAxis, second: SymmetryAxis): Triple {
  const apart = along(second.centre, -1, first.centre);
  const [a, b] = [first.axis, second.axis];
  const cosine = dot(a, b);
  return along(first.centre, (dot(apart, a) - dot(apart, b) * cosine) / (1 - cosine ** 2), a);
}

/** The best 2-fold at right angles to the main axis. */
function twofoldAcross(main: SymmetryAxis, search: AxisSearch): SymmetryAxis {
  const [u, v] = perpendiculars(main.axis);
  const steps = Math.ceil(180 / main.order / STEP_DEG);
  const angles = Array.from({ length: steps }, (_, i) => (i * Math.PI) / main.order / steps);
  const tried = angles.map((angle) => {
    const axis = along(along([0, 0, 0], Math.cos(angle), u), Math.sin(angle), v);
    return { axis, asymmetry: search.asymmetry(2, axis, main.centre) };
  });
  const best = tried.reduce((a, b) => (b.asymmetry < a.asymmetry ? b : a));
  return search.refined(2, best.axis, main.centre);
}

const STEP_DEG = 5;

interface GroupAxis {
  readonly order: number;
  /** In the frame of geometry/symmetry.ts. */
  readonly axis: Triple;
}

/** All axes of the group, those of the highest order first. */
function groupAxes(group: string): GroupAxis[] {
  const operators = symmetryOperators(group);
  const axes: GroupAxis[] = [];
  for (let i = 1; i < operators.count; i++) {
    const vector = vectorFromRotation(rotationAt(operators, i));
    const order = (2 * Math.PI) / Math.hypot(...vector);
    if (Math.abs(order - Math.round(order)) > 1e-6) continue; // a multiple of a smaller turn
    const axis = unit(vector);
    const known = axes.findIndex((other) => Math.abs(dot(other.axis, axis)) > 1 - 1e-6);
    if (known < 0) axes.push({ order: Math.round(order), axis });
    else if (axes[known]!.order < order - 0.5) axes[known] = { order: Math.round(order), axis };
  }
  return axes.sort((a, b) => b.order - a.order);
}

function asymmetries(axes: readonly GroupAxis[], frame: Frame, centre: Triple, search: AxisSearch): number[] {
  return axes.map(({ order, axis }) => search.asymmetry(order, turned(axis, frame), centre));
}

function turned([a, b, c]: Triple, [x, y, z]: Frame): Triple {
  return unit(along(along(along([0, 0, 0], a, x), b, y), c, z));
}

/** Frame and centre that suit several axes of the group together: each axis by itself may be 2° off. */
function settled(candidate: Candidate, search: AxisSearch): Candidate {
  const { group } = candidate;
  const axes = groupAxes(group);
  if (axes.length === 1) return candidate;
  const judged = axes.filter((_, i) => i % Math.ceil(axes.length / JUDGED_AXES) === 0);
  const score = (frame: Frame, centre: Triple): number =>
    asymmetries(judged, frame, centre, search).reduce((a, b) => a + b, 0);
  let best = { ...candidate, score: score(candidate.frame, candidate.centre) };
  const attempt = (frame: Frame, centre: Triple): void => {
    const found = score(frame, centre);
    if (found < best.score) best = { group, frame, centre, score: found };
  };
  for (let step = FRAME_STEP_RAD; step > FRAME_STEP_RAD / 10; step /= 2)
    for (const axis of [0, 1, 2] as const)
      for (const sign of [step, -step]) {
        const turn = rotationFromVector(mutable(along([0, 0, 0], sign, UNITS[axis])));
        const rotated = ([a, b, c]: Triple): Triple => [
          turn[0]! * a + turn[1]! * b + turn[2]! * c,
          turn[3]! * a + turn[4]! * b + turn[5]! * c,
          turn[6]! * a + turn[7]! * b + turn[8]! * c,
        ];
        const [x, y, z] = best.frame;
        attempt([rotated(x), rotated(y), rotated(z)], best.centre);
        attempt(best.frame, along(best.centre, VOXELS_PER_RAD * sign, UNITS[axis]));
      }
  return best;
}

const JUDGED_AXES = 4;
const FRAME_STEP_RAD = 0.03;
const VOXELS_PER_RAD = 10;
const UNITS: Frame = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

function mutable([x, y, z]: Triple): [number, number, number] {
  return [x, y, z];
}

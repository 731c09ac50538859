/**
 * @file The species of the ribosplike mixture, and the RNA of the small subunit alone. z runs from −1 to 1.
 *
 * Ribosome: the trace, 30S turned by ±8° about the line through the two subunits' centroids. Small subunit: its head
 * swivels by ±15° about the line through the centroids of body and head. Spliceosome: three states, neighbours blended
 * linearly (its voxels are beads of no width). Spike: superposed on S2, the RBD of chain B turned from closed to open.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { RADIANS_PER_DEGREE } from "../../src/core/constants.js";
import { rotationFromVector, vectorFromRotation } from "../../src/geometry/rotation.js";
import { readVolume } from "../../src/io/mrc.js";
import { alphaCarbons, residue, superpose } from "./alpha-carbons.js";
import { beads, type FlexibleBeads } from "./flexible-beads.js";
import { denseVoxels } from "./map-species.js";
import { sharedData } from "./shared-data.js";
import { apply, centroid, minus, plus, scale, type Vector } from "./vectors.js";

/** Width of an atom's Gaussian (standard deviation), about 17 Å of resolution. */
const ATOM_SIGMA_ANGSTROM = 6;
/** Of the ribosome's trace one point in this many is drawn; at 17 Å it makes no difference. */
const TRACE_STEP = 4;
const RATCHET_RAD = 8 * RADIANS_PER_DEGREE;
const SWIVEL_RAD = 15 * RADIANS_PER_DEGREE;
const SPLICEOSOME_PIXEL_ANGSTROM = 8.5;

interface TracePoint {
  readonly part: string;
  readonly atom: string;
  readonly at: Vector;
}

export function ribosome(): FlexibleBeads {
  return turningPart(ribosomeTrace(), (part) => part.startsWith("30S"), RATCHET_RAD);
}

export function smallSubunit(): FlexibleBeads {
  const points = ribosomeTrace().filter(({ part }) => part === "30S_body" || part === "30S_head");
  return turningPart(points, (part) => part === "30S_head", SWIVEL_RAD);
}

/** A part turns by ±`angleRad` about the line through its centroid and that of the rest. */
function turningPart(
  points: readonly TracePoint[],
  isMoving: (part: string) => boolean,
  angleRad: number,
): FlexibleBeads {
  const weights = Float64Array.from(points, ({ atom }) => (atom === "CA" ? 110 : 160));
  const moves = points.map(({ part }) => isMoving(part));
  const centre = centroid(points.map((p) => p.at));
  const pivot = centroid(points.filter((_, i) => moves[i]).map((p) => p.at));
  const rest = centroid(points.filter((_, i) => !moves[i]).map((p) => p.at));
  const axis = scale(minus(pivot, rest), 1 / Math.hypot(...minus(pivot, rest)));
  return (z) => {
    const turn = rotationFromVector(scale(axis, z * angleRad));
    const positions = points.map(({ at }, i) => (moves[i] ? plus(apply(turn, minus(at, pivot)), pivot) : at));
    return beads(positions, centre, weights, ATOM_SIGMA_ANGSTROM);
  };
}

function ribosomeTrace(): readonly TracePoint[] {
  const rows = readFileSync(sharedData("derived_atoms", "4v5a_70S_trace.tsv"), "utf8").trim().split("\n").slice(1);
  return rows.flatMap((line, i): TracePoint[] => {
    const cells = line.split("\t");
    if (i % TRACE_STEP !== 0 || /^A[VWXY]$/.test(cells[1]!)) return [];
    return [{ part: cells[0]!, atom: cells[4]!, at: [+cells[6]!, +cells[7]!, +cells[8]!] }];
  });
}

export function spliceosome(): FlexibleBeads {
  const states = [0, 1, 2].map((i) =>
    readVolume(sharedData("recovar", `vol000${i}.mrc`), { pixelSizeAngstrom: SPLICEOSOME_PIXEL_ANGSTROM }),
  );
  const { voxels, places: positions } = denseVoxels(states, 0.03);
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

export function spike(): FlexibleBeads {
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

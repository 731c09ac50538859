/** @file The 70S ribosome of the shared data as a bead model: a quarter of its trace, a bead for each atom. */
import { readFileSync } from "node:fs";
import type { BeadModel } from "../../src/imaging/bead-model.js";
import { sharedData } from "./shared-data.js";

/** About 3,800 beads; diameter 270 Å. */
export function ribosome(sigmaAngstrom: number): BeadModel {
  const [head, ...lines] = readFileSync(sharedData("derived_atoms", "4v5a_70S_trace.tsv"), "utf8").trim().split("\n");
  const columns = ["x", "y", "z"].map((name) => head!.split("\t").indexOf(name));
  const atoms = lines.filter((_, i) => i % 4 === 0).map((line) => line.split("\t"));
  const places = atoms.map((fields) => columns.map((column) => Number(fields[column])));
  const centre = [0, 1, 2].map((axis) => places.reduce((sum, place) => sum + place[axis]!, 0) / places.length);
  return {
    kind: "bead-model",
    count: places.length,
    positionsAngstrom: Float64Array.from(places.flatMap((place) => place.map((v, axis) => v - centre[axis]!))),
    weights: new Float64Array(places.length).fill(1),
    sigmaAngstrom,
  };
}

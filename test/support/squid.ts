/** @file A procedural particle for searches: about 190 Å across. */
import { type BeadModel, beadModel } from "../../src/imaging/bead-model.js";

/** Three domains of lumps, no symmetry. */
export function squid(): BeadModel {
  const lump = (x: number, y: number, z: number, a: number, b: number, c: number, beads: number) => ({
    centreAngstrom: [x, y, z] as const,
    semiAxesAngstrom: [a, b, c] as const,
    beads,
  });
  return beadModel(
    {
      name: "squid",
      seed: 5,
      domains: [lump(0, 0, 0, 75, 55, 45, 150), lump(70, 25, 10, 40, 25, 22, 60), lump(10, -60, 45, 25, 35, 40, 60)],
      hinge: { originAngstrom: [0, 0, 0], axis: [1, 0, 0], angleDeg: 0 },
    },
    0,
    4,
  );
}

import { expect, test } from "vitest";
import { seededRandom } from "../../src/core/random.js";
import { hopfSpacingRad } from "../../src/geometry/hopf-grid.js";
import { geodesicRad, rotationAt } from "../../src/geometry/rotation.js";
import { beadModel, beadVolume } from "../../src/imaging/bead-model.js";
import { prepare } from "../../src/imaging/prepare.js";
import { searchPoses } from "../../src/pose/search-poses.js";
import { crab } from "../support/known-beads.js";
import { knownParticles, noisySource } from "../support/known-particles.js";
import { hasRelionRefine, relionSearch } from "../support/relion-search.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = temporaryFolder();
const grid = { box: 32, pixelSizeAngstrom: 6 };

// `npm run accuracy -- pose` compares at 7.5° and box 64.
test.skipIf(!hasRelionRefine)(
  "poses are RELION's within its 15° and 1.5 pixels, in 19 of 20 images at least",
  async () => {
    const model = beadModel(crab, 0, 6);
    const particles = knownParticles(model, grid, { count: 20, shiftPixels: 2, random: seededRandom(11) });
    const source = noisySource(particles, grid, 1, 12);
    const map = beadVolume(model, grid.box, grid.pixelSizeAngstrom);
    const set = await prepare(source, folder("set"), { diameterAngstrom: 130 });
    const ours = await searchPoses(set, map, { shiftRangeAngstrom: 18, threads: 1 });
    const theirs = relionSearch(source, map, {
      folder: folder("relion"),
      diameterAngstrom: 160,
      order: 2,
      shiftPixels: 3,
      shiftStepPixels: 1.5,
      resolutionAngstrom: 20,
      threads: 2,
    });
    const isSame = particles.map((_, i) => {
      const apart = geodesicRad(rotationAt(ours.poses.rotations, i), rotationAt(theirs.poses.rotations, i));
      const [dx, dy] = [0, 1].map(
        (axis) => ours.poses.shiftsAngstrom[2 * i + axis]! - theirs.poses.shiftsAngstrom[2 * i + axis]!,
      );
      return apart <= hopfSpacingRad(2) && Math.hypot(dx!, dy!) <= 1.5 * grid.pixelSizeAngstrom;
    });
    expect(isSame.filter(Boolean).length).toBeGreaterThanOrEqual(19);
  },
  60_000,
);

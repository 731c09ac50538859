/** @file `iolaus align`. */
import type { Command } from "commander";
import { number } from "./command-reconstruct.js";

interface Flags {
  readonly out: string;
  readonly symmetry?: string;
  readonly resolution?: number;
  readonly diameter?: number;
  readonly shiftRange?: number;
  readonly box?: number;
  readonly dataDir?: string;
  readonly json?: boolean;
}

export function addAlign(program: Command): void {
  program
    .command("align")
    .description("find the poses of particles against a map (3-D alignment), everywhere at once")
    .argument("<map>", "an .mrc map, on any scale")
    .argument("<particles>", "a .star or .cs file")
    .requiredOption("--out <file.star>", "the particles with poses and how sure each is")
    .option("--symmetry <group>", "point group of the map: C1, Cn, Dn, T, O, I (default: C1)")
    .option("--resolution <Å>", "finest detail compared (default: all of the working box)", number)
    .option("--diameter <Å>", "diameter of the circle that holds the particle (default: 70 % of the image)", number)
    .option("--shift-range <Å>", "particles are looked for this far from the middle (default: 8 % of the box)", number)
    .option("--box <n>", "side of the working images, pixels (default: the images', at most 64)", number)
    .option("--datadir, --data-dir <folder>", "folder at which the image paths in the file begin")
    .option("--json", "one JSON object per line on standard output")
    .action(async (map: string, particles: string, flags: Flags) => {
      const { runAlign } = await import("./run-align.js");
      const { resolution, diameter, shiftRange, ...same } = flags;
      await runAlign(map, particles, {
        ...same,
        ...(resolution !== undefined && { resolutionAngstrom: resolution }),
        ...(diameter !== undefined && { diameterAngstrom: diameter }),
        ...(shiftRange !== undefined && { shiftRangeAngstrom: shiftRange }),
      });
    });
}

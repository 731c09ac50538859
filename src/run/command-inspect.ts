/** @file `iolaus inspect`. */
import type { Command } from "commander";
import { number } from "./command-reconstruct.js";

interface Flags {
  readonly images?: number;
  readonly diameter?: number;
  readonly dataDir?: string;
  readonly pixelSize?: number;
  readonly ctf: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

export function addInspect(program: Command): void {
  program
    .command("inspect")
    .description(
      "check particles before they are used: pixels, contrast, CTF, pixel size, and poses where there are some",
    )
    .argument("<particles>", "a .star or .cs file, or a bare .mrcs stack with --no-ctf")
    .option("--images <n>", "look at so many particles, drawn evenly (default: 2000)", number)
    .option("--diameter <Å>", "diameter of the circle that holds the particle (default: 70 % of the image)", number)
    .option("--datadir, --data-dir <folder>", "folder at which the image paths in the file begin")
    .option("--pixel-size <Å>", "pixel size of the images; wins over the files", number)
    .option("--no-ctf", "the images carry no CTF")
    .option("--out <file.html>", "write a page with the pictures")
    .option("--json", "one JSON object on standard output")
    .action(async (particles: string, flags: Flags) => {
      const { runInspect } = await import("./run-inspect.js");
      const { diameter, pixelSize, dataDir, ctf, ...same } = flags;
      await runInspect(particles, {
        ...same,
        ...(dataDir !== undefined && { dataDir }),
        ...(diameter !== undefined && { diameterAngstrom: diameter }),
        ...(pixelSize !== undefined && { pixelSizeAngstrom: pixelSize }),
        ...(!ctf && { ctf: "none" }),
      });
    });
}

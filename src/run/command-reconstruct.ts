/** @file `iolaus reconstruct`. */
import { type Command, InvalidArgumentError } from "commander";
import { IolausError } from "../core/errors.js";
import { mixtureDefaults } from "../mixture/state.js";
import type { ReconstructionOptions } from "./run-options.js";

interface Flags {
  readonly out: string;
  readonly classes?: number | "auto";
  readonly mostClasses?: number;
  readonly junk: boolean;
  readonly zDim?: number | "auto";
  readonly box?: number;
  readonly seed?: number;
  readonly diameter?: number;
  readonly passes?: number;
  readonly batch?: number;
  readonly schedule?: string;
  readonly threads?: number;
  readonly engine?: string;
  readonly maxMinutes?: number;
  readonly resume?: boolean;
  readonly dataDir?: string;
  readonly passthrough?: readonly string[];
  readonly ctfPkl?: string;
  readonly ctf: boolean | string;
  readonly dark?: boolean;
  readonly bright?: boolean;
  readonly pixelSize?: number;
  readonly json?: boolean;
}

export function addReconstruct(program: Command): void {
  const { classes, mostClasses, zDim, seed, passes, batch } = mixtureDefaults;
  program
    .command("reconstruct")
    .description("find species, poses, conformations and maps of particles")
    .argument(
      "<particles>",
      "a .star or .cs file, or a bare .mrcs stack or .txt list of stacks with --no-ctf or --ctf-pkl",
    )
    .requiredOption("--out <folder>", "the run folder: new or empty, or the one to --resume")
    .option("--classes <K|auto>", `species looked for; auto: as many as there are (default: ${classes})`, countOrAuto)
    .option("--most-classes <K>", `classes that auto begins with (default: ${mostClasses})`, number)
    .option("--no-junk", "put every image in a class, also those that no class explains (default: class 0)")
    .option(
      "--zdim, --z-dim <d|auto>",
      `axes of motion, 0: rigid; auto: as many as found (default: ${zDim})`,
      countOrAuto,
    )
    .option("--box <pixels>", "side of the working images, even (default: the input's, at most 64)", number)
    .option("--seed <s>", `seed of all random numbers (default: ${seed})`, number)
    .option("--diameter <Å>", "diameter of the circle that holds the particle (default: 70 % of the image)", number)
    .option("--passes <n>", `times every image is visited (default: ${passes})`, number)
    .option("--batch <n>", `images between two updates of the maps (default: ${batch})`, number)
    .option("--schedule <name>", "default, or paper: the published phases, for comparison (default: default)")
    .option("--threads <n>", "threads (default: the cores, at most 8)", number)
    .option("--engine <name>", "auto or cpu (default: auto)")
    .option("--max-minutes <m>", "end after this time with the results so far, but see every image once", number)
    .option("--resume", "go on with the run in the folder, to the numbers it would have reached")
    .option("--datadir, --data-dir <folder>", "folder at which the image paths in the file begin")
    .option("--passthrough <file>", "another .cs file of the same particles; may be given again", collect)
    .option("--ctf-pkl <file>", "CTF parameters from a ctf.pkl of cryoDRGN's", String)
    .option("--pixel-size <Å>", "pixel size of the images; wins over the files", number)
    .option("--ctf <file|none>", "where the CTF comes from")
    .option("--no-ctf", "the images carry no CTF")
    .option("--dark", "the particles are dark on a bright background (default: told from the images)")
    .option("--bright", "the particles are bright on a dark background")
    .option("--json", "one JSON object per line on standard output")
    .action(async (particles: string, flags: Flags) => {
      const { runReconstruct } = await import("./run-reconstruct.js");
      await runReconstruct(particles, optionsOf(flags), flags.json ?? false);
    });
}

function optionsOf(flags: Flags): ReconstructionOptions {
  const { diameter, pixelSize, junk, ctf, dark, bright, json: _, ...same } = flags;
  if (typeof ctf === "string" && ctf !== "file" && ctf !== "none")
    throw new IolausError("bad-argument", `--ctf: expected file or none, got ${ctf}`);
  if (dark && bright) throw new IolausError("bad-argument", "--dark: expected one of --dark and --bright, got both");
  return {
    ...(same as Omit<ReconstructionOptions, "ctf">), // names are checked with the other values
    ...(!junk && { junk }),
    ...(diameter !== undefined && { diameterAngstrom: diameter }),
    ...(pixelSize !== undefined && { pixelSizeAngstrom: pixelSize }),
    ...((ctf === false || ctf === "none") && { ctf: "none" }),
    ...(ctf === "file" && { ctf: "file" }),
    ...(dark && { dataSign: -1 }),
    ...(bright && { dataSign: 1 }),
  };
}

function collect(path: string, before: readonly string[] = []): readonly string[] {
  return [...before, path];
}

function countOrAuto(text: string): number | "auto" {
  return text === "auto" ? text : number(text);
}

/** A number given as text. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError(`Expected a number.`);
  return value;
}

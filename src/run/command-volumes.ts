/** @file `iolaus volumes`. */
import { type Command, InvalidArgumentError } from "commander";
import { IolausError } from "../core/errors.js";
import { number } from "./command-reconstruct.js";
import type { WriteVolumesOptions } from "./write-volumes.js";

interface Flags {
  readonly class: number;
  readonly out: string;
  readonly axis?: number;
  readonly from?: string | number;
  readonly to?: string | number;
  readonly straight?: boolean;
  readonly z?: readonly (readonly number[])[];
  readonly frames?: number;
  readonly movie?: boolean | string;
  readonly fps?: number;
  readonly json?: boolean;
}

export function addVolumes(program: Command): void {
  program
    .command("volumes")
    .description("maps of a class along its motion, and a movie of them")
    .argument("<run>", "a run folder")
    .requiredOption("--class <k>", "the class, from 1", number)
    .requiredOption("--out <folder>", "where they go: new or empty")
    .option("--axis <j>", "from the 5 % to the 95 % quantile of coordinate j (default: 1)", number)
    .option(
      "--from <particle>",
      "from this particle, by key or index from 0, to that of --to, through the data",
      particle,
    )
    .option("--to <particle>", "see --from", particle)
    .option("--straight", "from --from to --to in a straight line")
    .option("--z <a,b>", "the map at this z; again for further ones", latent)
    .option("--frames <n>", "maps along the way (default: 10)", number)
    .option("--movie [kind]", "also movie.gif: surface or slices (default: surface)")
    .option("--fps <n>", "frames a second (default: 10)", number)
    .option("--json", "one JSON object per line on standard output")
    .action(async (folder: string, flags: Flags) => {
      const path = pathOf(flags);
      const drawing = drawingOf(flags);
      const [{ openRun }, { writeVolumes }, { reporter }, { untilInterrupted }] = await Promise.all([
        import("./open-run.js"),
        import("./write-volumes.js"),
        import("./reporter.js"),
        import("./until-interrupted.js"),
      ]);
      const report = reporter({ json: flags.json ?? false });
      try {
        const { latents, ...written } = await untilInterrupted((signal) =>
          writeVolumes(openRun(folder), flags.class, {
            ...{ out: flags.out, path, signal, onProgress: report.progress },
            ...(flags.frames !== undefined && { frames: flags.frames }),
            ...(drawing && { movie: drawing }),
          }),
        );
        const { out, files, box, pixelSizeAngstrom, movie } = written;
        const maps = `${files.length} maps of ${box}³ voxels of ${Number(pixelSizeAngstrom.toPrecision(6))} Å in ${out}`;
        report.result([maps, ...(movie === undefined ? [] : [movie])], { ...written, z: latents.map((z) => [...z]) });
      } finally {
        report.end();
      }
    });
}

/** One of the three ways to say where. */
function pathOf({ axis, from, to, straight, z, frames }: Flags): NonNullable<WriteVolumesOptions["path"]> {
  const ways = [axis, from ?? to, z].filter((way) => way !== undefined).length;
  if (ways > 1) throw new IolausError("bad-argument", "--axis, --from and --z: expected one of them, got several");
  if (straight && from === undefined)
    throw new IolausError("bad-argument", "--straight: expected --from and --to, between which the line goes");
  if (frames !== undefined && z !== undefined)
    throw new IolausError("bad-argument", "--frames: expected a way along which they lie, got --z, one map each");
  if (z !== undefined) return { at: z };
  if (from === undefined && to === undefined) return { axis: axis ?? 1 };
  if (from === undefined || to === undefined)
    throw new IolausError("bad-argument", "--from and --to: expected both, got one");
  return { from, to, way: straight === true ? "straight" : "data" };
}

function drawingOf({ movie, fps }: Flags): WriteVolumesOptions["movie"] {
  if (movie === undefined || movie === false) {
    if (fps !== undefined) throw new IolausError("bad-argument", "--fps: expected --movie, of which it is the pace");
    return undefined;
  }
  const kind = movie === true ? "surface" : movie;
  if (kind !== "surface" && kind !== "slices")
    throw new IolausError("bad-argument", `--movie: expected surface or slices, got ${kind}`);
  return { kind, ...(fps !== undefined && { framesPerSecond: fps }) };
}

/** Whole numbers are indices: no key is one. */
function particle(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function latent(text: string, before: readonly (readonly number[])[] = []): readonly (readonly number[])[] {
  const z = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (!z.every(Number.isFinite)) throw new InvalidArgumentError("Expected numbers with commas between: 0.5,-1.");
  return [...before, z];
}

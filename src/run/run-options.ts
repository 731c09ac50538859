/** @file What a reconstruction is asked for, and the same with every default filled in. */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { check, IolausError } from "../core/errors.js";
import type { OnProgress } from "../core/progress.js";
import { mixtureDefaults } from "../mixture/state.js";
import type { ProgressRow } from "./progress-log.js";

/** What decides the numbers of a run. A resumed run takes them from its folder. */
export interface ScienceOptions {
  /** K, the number of species looked for; "auto": as many as there are, up to `mostClasses`. @default 3 */
  readonly classes?: number | "auto";
  /** Classes that "auto" begins with. @default 8 */
  readonly mostClasses?: number;
  /** Whether images that no class explains are told, and left out of the maps: class 0. @default true */
  readonly junk?: boolean;
  /** Length of the conformation of every species, 0: rigid; "auto": as many axes as each is found to move along. @default 1 */
  readonly zDim?: number | "auto";
  /** Side of the working images, pixels; even. @default the input's, at most 64 */
  readonly box?: number;
  /** @default 1 */
  readonly seed?: number;
  /** Diameter of the circle that holds the particle. @default 70 % of the image */
  readonly diameterAngstrom?: number;
  /** Times every image is visited. @default 50 */
  readonly passes?: number;
  /** Images between two updates of the maps, at the start. @default 125 */
  readonly batch?: number;
  /** "paper": the published phases, for comparison; long, and without regard to `passes` and `batch`. @default "default" */
  readonly schedule?: "default" | "paper";
  /** 1: bright particles; −1: dark ones; "auto": told from the images. @default "auto" */
  readonly dataSign?: 1 | -1 | "auto";
  /** "none": the images carry no CTF. @default "file" */
  readonly ctf?: "file" | "none";
  /** Wins over what the files say. */
  readonly pixelSizeAngstrom?: number;
}

export interface ReconstructionOptions extends ScienceOptions {
  /** The run folder: new or empty, or the one to resume. */
  readonly out: string;
  /** Folder at which the paths in the particle file begin. */
  readonly dataDir?: string;
  /** Further `.cs` files of the same particles, joined on uid. */
  readonly passthrough?: readonly string[];
  /** A ctf.pkl of cryoDRGN's, one row per particle in the order of the file. */
  readonly ctfPkl?: string;
  /** What computes. "auto" takes the best there is. @default "auto" */
  readonly engine?: "auto" | "cpu";
  /** @default the cores, at most 8 */
  readonly threads?: number;
  /** End after this time with the results so far, but not before every image was seen. @default no limit */
  readonly maxMinutes?: number;
  /** Go on with the run in `out`. @default false */
  readonly resume?: boolean;
  /** A crash loses this much work at most. @default 20 */
  readonly checkpointSeconds?: number;
  /** At most four times a second. */
  readonly onProgress?: OnProgress;
  /** Every step, with the numbers that `progress.jsonl` keeps. */
  readonly onStep?: (row: ProgressRow) => void;
  /** Stops the run within 2 s and leaves a checkpoint. */
  readonly signal?: AbortSignal;
}

/** The options that travel to the process that computes. */
export type RunRequest = Omit<ReconstructionOptions, "onProgress" | "onStep" | "signal">;

/** Science options with every default filled in, except those that are null: the files decide. */
export interface Settings {
  readonly classes: number | "auto";
  readonly mostClasses: number;
  readonly junk: boolean;
  readonly zDim: number | "auto";
  readonly box: number;
  readonly seed: number;
  readonly diameterAngstrom: number;
  readonly passes: number;
  readonly batch: number;
  readonly schedule: "default" | "paper";
  readonly dataSign: 1 | -1 | "auto";
  readonly ctf: "file" | "none";
  readonly pixelSizeAngstrom: number | null;
}

/** How the run computes; may change when it is resumed. */
export interface Machinery {
  readonly engine: "cpu";
  readonly threads: number;
  readonly maxMinutes: number | null;
  readonly checkpointSeconds: number;
  readonly dataDir: string | null;
  /** Absolute. */
  readonly passthrough: readonly string[];
  /** Absolute. */
  readonly ctfPkl: string | null;
}

/** Defaults for particles of this kind. Checks everything that needs no image. */
export function resolveSettings(
  given: ScienceOptions,
  source: { readonly box: number; readonly pixelSizeAngstrom: number; readonly count: number },
): Settings {
  const { classes, mostClasses, junk, zDim, seed, passes, batch } = { ...mixtureDefaults, ...defined(given) };
  const { box = Math.min(64, source.box), dataSign = "auto", ctf = "file", pixelSizeAngstrom = null } = given;
  const { schedule = "default" } = given;
  const width = source.box * source.pixelSizeAngstrom;
  const { diameterAngstrom = round(0.7 * width) } = given;
  checkClasses(classes);
  checkWhole("mostClasses", mostClasses, 1);
  check(
    classes === "auto" || classes <= source.count,
    "classes",
    `at most the number of images, ${source.count}`,
    classes,
  );
  check(box % 2 === 0 && box >= 16 && box <= source.box, "box", `an even side from 16 to ${source.box} pixels`, box);
  const isInside = diameterAngstrom > 0 && diameterAngstrom <= width;
  check(isInside, "diameter", `a length up to the side of the images, ${round(width)} Å`, diameterAngstrom);
  check([1, -1, "auto"].includes(dataSign), "dataSign", '1 (bright particles), -1 (dark ones) or "auto"', dataSign);
  return {
    classes,
    mostClasses,
    junk,
    zDim,
    box,
    seed,
    diameterAngstrom,
    passes,
    batch,
    schedule,
    dataSign,
    ctf,
    pixelSizeAngstrom,
  };
}

export function resolveMachinery(given: RunRequest): Machinery {
  const { engine = "auto", threads = Math.min(8, availableParallelism()), maxMinutes = null } = given;
  const { checkpointSeconds = 20, dataDir = null, passthrough = [], ctfPkl } = given;
  const isKnown = engine === "auto" || engine === "cpu";
  check(isKnown, "engine", '"auto" or "cpu"', engine, "this version reconstructs on the CPU alone");
  checkWhole("threads", threads, 1);
  check(maxMinutes === null || maxMinutes > 0, "maxMinutes", "a positive time", maxMinutes);
  check(checkpointSeconds > 0, "checkpointSeconds", "a positive time", checkpointSeconds);
  return {
    engine: "cpu",
    threads,
    maxMinutes,
    checkpointSeconds,
    dataDir,
    passthrough: passthrough.map((path) => resolve(path)),
    ctfPkl: ctfPkl === undefined ? null : resolve(ctfPkl),
  };
}

/** Refuse values that no particles could make right, before any file is touched. */
export function checkRequest(request: RunRequest): void {
  resolveMachinery(request);
  checkClasses(request.classes);
  checkWhole("mostClasses", request.mostClasses, 1);
  if (request.zDim !== "auto") checkWhole("zDim", request.zDim, 0, 8);
  checkWhole("passes", request.passes, 1);
  checkWhole("batch", request.batch, 1);
  checkWhole("seed", request.seed, 0, 2 ** 32 - 1);
  const { box, diameterAngstrom, schedule = "default" } = request;
  check(["default", "paper"].includes(schedule), "schedule", '"default" or "paper"', schedule);
  check(box === undefined || (Number.isInteger(box) && box % 2 === 0), "box", "an even number of pixels", box);
  check(diameterAngstrom === undefined || diameterAngstrom > 0, "diameter", "a positive length in Å", diameterAngstrom);
}

/** Of a run that is resumed, nothing that decides its numbers may be asked otherwise. */
export function checkUnchanged(given: ScienceOptions, settings: Settings): void {
  for (const name of Object.keys(settings) as (keyof Settings)[]) {
    const [asked, was] = [given[name], settings[name]];
    if (asked === undefined || asked === was) continue;
    const advice = "leave it out to resume, or start a new run in another folder";
    throw new IolausError("bad-argument", `${name}: expected ${was} as in the run, got ${asked}; ${advice}`);
  }
}

function checkClasses(classes: number | "auto" | undefined): void {
  const isRight = classes === undefined || classes === "auto" || (Number.isInteger(classes) && classes >= 1);
  check(isRight, "classes", 'a whole number of at least 1, or "auto"', classes);
}

function checkWhole(name: string, value: number | undefined, least: number, most = Number.MAX_SAFE_INTEGER): void {
  const expected = most < 2 ** 32 ? `a whole number from ${least} to ${most}` : `a whole number of at least ${least}`;
  const isRight = value === undefined || (Number.isInteger(value) && value >= least && value <= most);
  check(isRight, name, expected, value);
}

/** Without keys whose value is undefined, so that they do not hide a default. */
function defined<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

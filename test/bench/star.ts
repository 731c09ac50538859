/**
 * @file `npm run bench -- star`: a particle list of 1,000,000 rows and 26 columns, as RELION's refinements write them.
 *
 * Opened as particles (STAR text, CTF, keys, stacks found), half of it exported with new poses and classes, and rows
 * alone exported. Each job runs in a process of its own, so that its largest memory is its own.
 */
import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mrcBytes } from "../support/mrc-bytes.js";

const ROWS = 1_000_000;
const STACKS = 200;
const LABELS =
  "CoordinateX CoordinateY AutopickFigureOfMerit ClassNumber AnglePsi ImageName MicrographName OpticsGroup " +
  "CtfMaxResolution CtfFigureOfMerit DefocusU DefocusV DefocusAngle CtfBfactor CtfScalefactor PhaseShift GroupNumber " +
  "AngleRot AngleTilt OriginXAngst OriginYAngst NormCorrection LogLikeliContribution MaxValueProbDistribution " +
  "NrOfSignificantSamples RandomSubset";

/** What is asked for. */
const LIMITS = { seconds: 15, gigabytes: 1.5 };

/** Write the list and its stacks: headers of full files without bytes on disk. */
function make(folder: string): string {
  mkdirSync(join(folder, "Extract"));
  const each = ROWS / STACKS;
  const header = mrcBytes({ n: [4, 4, each], values: [] });
  for (let s = 0; s < STACKS; s++) {
    const fd = openSync(join(folder, `Extract/micrograph_${s}.mrcs`), "w");
    writeSync(fd, header);
    ftruncateSync(fd, 1024 + each * 64);
    closeSync(fd);
  }
  const path = join(folder, "particles.star");
  const fd = openSync(path, "w");
  const optics = "OpticsGroupName OpticsGroup Voltage SphericalAberration AmplitudeContrast ImagePixelSize ImageSize";
  const loop = (labels: string): string =>
    `loop_\n${labels
      .split(" ")
      .map((l, i) => `_rln${l} #${i + 1}\n`)
      .join("")}`;
  writeSync(fd, `# version 30001\n\ndata_optics\n\n${loop(optics)}one 1 300 2.7 0.1 1.5 4\n\n`);
  writeSync(fd, `# version 30001\n\ndata_particles\n\n${loop(LABELS)}`);
  for (let from = 0; from < ROWS; from += 10_000)
    writeSync(fd, Array.from({ length: 10_000 }, (_, i) => row(from + i, each)).join(""));
  closeSync(fd);
  return path;
}

function row(i: number, each: number): string {
  const [stack, index] = [Math.floor(i / each), i % each];
  return (
    ` 1736.000000   228.000000     0.123456            1    71.118492 ${String(index + 1).padStart(6, "0")}@Extract/micrograph_${stack}.mrcs ` +
    `Micrographs/micrograph_${stack}_fractions.mrc            1     4.809192     0.096462 ${(20_000 + i / 100).toFixed(6)} 21363.109375 ` +
    `    7.476096     0.000000     1.000000     0.000000          199   ${i % 360}.123456    91.500000    -3.302000     0.698000 ` +
    `    0.842000 1.2345678e+05     0.993000            3            ${(i % 2) + 1} \n`
  );
}

/** One job, in this process: seconds since it began, gigabytes at most. */
async function job(name: string, path: string): Promise<void> {
  const { openParticles } = await import("../../src/io/particles.js");
  const { exportParticles } = await import("../../src/io/export-particles.js");
  const start = performance.now();
  const source = await openParticles(path);
  if (source.count !== ROWS || Math.abs(source.defocus(ROWS - 1).uAngstrom - 29_999.99) > 1e-6)
    throw new Error("the list was not read as it was written");
  const opened = performance.now();
  const rows = Int32Array.from({ length: ROWS / 2 }, (_, i) => 2 * i);
  const out = `${path}.out.star`;
  if (name === "filter") exportParticles(source, out, { rows });
  if (name === "fill") {
    const matrices = new Float64Array(9 * ROWS).map((_, i) => ((i % 9) % 4 === 0 ? 1 : 0));
    const poses = {
      rotations: { kind: "rotations", count: ROWS, matrices },
      shiftsAngstrom: new Float64Array(2 * ROWS),
    } as const;
    exportParticles(source, out, { rows, poses, classes: new Int32Array(ROWS) });
  }
  const seconds = name === "open" ? (opened - start) / 1000 : (performance.now() - opened) / 1000;
  const gigabytes = process.resourceUsage().maxRSS / 2 ** 20;
  if (name !== "open" && (await openParticles(out)).count !== ROWS / 2) throw new Error("the export lost rows");
  console.log(JSON.stringify({ seconds, gigabytes }));
}

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "iolaus-bench-"));
  try {
    const path = make(folder);
    console.log(`${ROWS.toLocaleString("en")} rows, 26 columns, ${(statSync(path).size / 2 ** 20).toFixed(0)} MB`);
    for (const [name, what] of [
      ["open", "open as particles"],
      ["filter", "filter half the rows and write"],
      ["fill", "the same with new poses and classes"],
    ] as const) {
      const { stdout, stderr } = spawnSync(
        process.execPath,
        ["--import", "tsx", fileURLToPath(import.meta.url), name, path],
        { encoding: "utf8" },
      );
      if (stdout === "") throw new Error(stderr);
      const { seconds, gigabytes } = JSON.parse(stdout) as typeof LIMITS;
      const isGood = seconds < LIMITS.seconds && (name !== "open" || gigabytes < LIMITS.gigabytes);
      const memory = name === "open" ? ` (< ${LIMITS.gigabytes})` : "";
      console.log(
        `${what}: ${seconds.toFixed(1)} s (< ${LIMITS.seconds}), ${gigabytes.toFixed(2)} GB at most${memory}: ` +
          (isGood ? "holds" : "does not hold"),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [name, path] = process.argv.slice(2);
if (path !== undefined && process.argv[1] === fileURLToPath(import.meta.url)) await job(name!, path);

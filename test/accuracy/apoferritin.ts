/**
 * @file Real particles: apoferritin (EMPIAR-10146, 394 images) aligned as an octahedral particle, from a lumpy shell.
 *
 * Search and back-projection by turns, ever finer. The gate: the back-projected map is a hollow shell of 120 to 130 Å.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Random, seededRandom } from "../../src/core/random.js";
import type { Poses, Volume } from "../../src/core/types.js";
import { multiply, rotationAt, rotationsOf } from "../../src/geometry/rotation.js";
import { symmetryOperators } from "../../src/geometry/symmetry.js";
import { type BackProjection, backProject } from "../../src/imaging/back-projection.js";
import { beadVolume } from "../../src/imaging/bead-model.js";
import { prepare } from "../../src/imaging/prepare.js";
import { openPrepared, type PreparedReader } from "../../src/imaging/prepared-reader.js";
import { openParticles } from "../../src/io/particles.js";
import { fourierShellCorrelation, resolutionAngstrom } from "../../src/metrics/fourier-shell-correlation.js";
import { searchPoses } from "../../src/pose/search-poses.js";
import { hasSharedData, sharedData } from "../support/shared-data.js";

const SYMMETRY = "O";
const ROUNDS_ANGSTROM = [35, 30, 25, 20, 18, 16];

/** Print a line per round and the shell; true when it is hollow and of the right size. */
export async function run(): Promise<boolean> {
  if (!hasSharedData) {
    console.log("without ../shared/data: skipped");
    return true;
  }
  const folder = mkdtempSync(join(tmpdir(), "iolaus-accuracy-"));
  const source = await openParticles(sharedData("derived_real", "apoferritin10146_dev.star"));
  try {
    const set = await prepare(source, join(folder, "set.f32"), { diameterAngstrom: 140 });
    const reader = openPrepared(set);
    let map = lumpyShell(seededRandom(1));
    let found: BackProjection | undefined;
    for (const resolution of ROUNDS_ANGSTROM) {
      const { poses, spreadRad, evidence } = await searchPoses(set, map, {
        symmetry: SYMMETRY,
        resolutionAngstrom: resolution,
        shiftRangeAngstrom: 15,
      });
      found = backProject(reader, ...expanded(reader, poses));
      map = found.map;
      const fsc = fourierShellCorrelation(...found.halves);
      const mean = evidence.reduce((a, b) => a + b, 0) / evidence.length;
      const spread = (spreadRad.toSorted()[spreadRad.length >> 1]! * 180) / Math.PI;
      console.log(
        `to ${resolution} Å: mean evidence ${mean.toFixed(1)}, median uncertainty ${spread.toFixed(1)}°, ` +
          `half-map FSC 0.143 at ${resolutionAngstrom(fsc, 0.143).toFixed(1)} Å (halves share the reference)`,
      );
      console.log(`  FSC ${Array.from(fsc.correlation.slice(1, 20), (v) => v.toFixed(2)).join(" ")}`);
    }
    reader.close();
    return judge(found!.map);
  } finally {
    source.close();
    rmSync(folder, { recursive: true });
  }
}

/** Every pose and its mates: the same image, seen from all sides. */
function expanded(reader: PreparedReader, { rotations, shiftsAngstrom }: Poses): [Poses, { images: number[] }] {
  const group = symmetryOperators(SYMMETRY);
  const matrices = [];
  const images = [];
  const shifts = [];
  for (let i = 0; i < reader.set.count; i++)
    for (let g = 0; g < group.count; g++) {
      matrices.push(multiply(rotationAt(rotations, i), rotationAt(group, g)));
      images.push(i);
      shifts.push(shiftsAngstrom[2 * i]!, shiftsAngstrom[2 * i + 1]!);
    }
  return [{ rotations: rotationsOf(matrices), shiftsAngstrom: Float64Array.from(shifts) }, { images }];
}

/** Beads on a sphere of 52 Å, and their octahedral mates. */
function lumpyShell(random: Random): Volume {
  const group = symmetryOperators(SYMMETRY);
  const places: number[] = [];
  for (let j = 0; j < 6; j++) {
    const v = [random.normal(), random.normal(), random.normal()];
    const scale = (52 + 4 * random.normal()) / Math.hypot(...v);
    for (let g = 0; g < group.count; g++) {
      const m = rotationAt(group, g);
      for (let row = 0; row < 3; row++)
        places.push(scale * (m[3 * row]! * v[0]! + m[3 * row + 1]! * v[1]! + m[3 * row + 2]! * v[2]!));
    }
  }
  const count = places.length / 3;
  const model = { kind: "bead-model", count, positionsAngstrom: Float64Array.from(places), sigmaAngstrom: 9 } as const;
  return beadVolume({ ...model, weights: new Float64Array(count).fill(1) }, 64, 3);
}

/** Mean density against the distance from the centre; where the outer flank falls to half of the top. */
function judge({ box, pixelSizeAngstrom, values }: Volume): boolean {
  const sums = new Float64Array(box / 2);
  const counts = new Float64Array(box / 2);
  values.forEach((value, i) => {
    const [x, y, z] = [i % box, Math.floor(i / box) % box, Math.floor(i / box ** 2)].map((v) => v - box / 2);
    const r = Math.round(Math.hypot(x!, y!, z!));
    if (r >= box / 2) return;
    sums[r]! += value;
    counts[r]! += 1;
  });
  const profile = sums.map((sum, r) => sum / counts[r]!);
  const outside = profile[Math.round(80 / pixelSizeAngstrom)]!;
  const top = profile.indexOf(Math.max(...profile));
  const half = (profile[top]! + outside) / 2;
  let r = top;
  while (profile[r + 1]! > half) r++;
  const edge = r + (profile[r]! - half) / (profile[r]! - profile[r + 1]!);
  const diameter = 2 * edge * pixelSizeAngstrom;
  const hollow = (profile[Math.round(15 / pixelSizeAngstrom)]! - outside) / (profile[top]! - outside);
  console.log(`density by radius, ${pixelSizeAngstrom} Å steps: ${Array.from(profile, (v) => v.toFixed(2)).join(" ")}`);
  const holds = diameter >= 120 && diameter <= 130 && hollow < 0.4;
  console.log(
    `shell: outer diameter ${diameter.toFixed(0)} Å (120 to 130), density 15 Å from the centre ${(100 * hollow).toFixed(0)} % of the top (below 40): ${holds ? "holds" : "DOES NOT HOLD"}`,
  );
  return holds;
}

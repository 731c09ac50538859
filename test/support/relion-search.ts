/** @file One iteration of RELION's own pose search (relion_refine, 3.1) on the images of a source against a map. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { RADIANS_PER_DEGREE } from "../../src/core/constants.js";
import type { ParticleSource, Poses, Volume } from "../../src/core/types.js";
import { writeVolume } from "../../src/io/mrc.js";
import { createStackWriter } from "../../src/io/mrc-stack.js";
import { readStar } from "../../src/io/star.js";
import { particleStar } from "../../src/io/star-new.js";
import { readPoses } from "../../src/io/star-poses.js";
import { writeStar } from "../../src/io/star-write.js";
import { answers, run } from "./other-programs.js";

/** RELION's refinement, Debian package `relion`. */
export const hasRelionRefine: boolean = answers("relion_refine", "--version");

export interface RelionSearchOptions {
  readonly folder: string;
  readonly diameterAngstrom: number;
  /** 2: 15°, 3: 7.5°. */
  readonly order: number;
  readonly shiftPixels: number;
  readonly shiftStepPixels: number;
  readonly resolutionAngstrom: number;
  readonly threads: number;
}

/** The poses after one iteration of a global search, and how long the program ran. `map` has the scale of the images. */
export function relionSearch(
  source: ParticleSource,
  map: Volume,
  options: RelionSearchOptions,
): { readonly poses: Poses; readonly seconds: number } {
  const { folder } = options;
  mkdirSync(join(folder, "out"), { recursive: true });
  const noise = deviation(source.readImage(0));
  const stack = createStackWriter(join(folder, "particles.mrcs"), source);
  for (let i = 0; i < source.count; i++) stack.append(source.readImage(i).map((v) => v / noise));
  stack.close();
  writeVolume(join(folder, "map.mrc"), { ...map, values: map.values.map((v) => v / noise) });
  const defocus = Array.from({ length: source.count }, (_, i) => source.defocus(i));
  writeStar(
    join(folder, "particles.star"),
    particleStar({
      opticsGroups: [
        { name: "a", box: source.box, pixelSizeAngstrom: source.pixelSizeAngstrom, optics: source.optics(0) },
      ],
      particles: {
        rlnImageName: defocus.map((_, i) => `${i + 1}@particles.mrcs`),
        rlnOpticsGroup: defocus.map(() => 1),
        rlnDefocusU: defocus.map((d) => d.uAngstrom),
        rlnDefocusV: defocus.map((d) => d.vAngstrom),
        rlnDefocusAngle: defocus.map((d) => d.angleRad / RADIANS_PER_DEGREE),
      },
    }),
  );
  const words =
    "--i particles.star --ref map.mrc --o out/run --iter 1 --K 1 --ctf --pad 2 --oversampling 0 --perturb 0 " +
    "--tau2_fudge 4 --firstiter_cc --zero_mask --dont_check_norm --pool 20 --sym C1 --preread_images --random_seed 1";
  const numbers = {
    "--particle_diameter": options.diameterAngstrom,
    "--healpix_order": options.order,
    "--offset_range": options.shiftPixels,
    "--offset_step": options.shiftStepPixels,
    "--ini_high": options.resolutionAngstrom,
    "--j": options.threads,
  };
  const start = performance.now();
  run(
    "relion_refine",
    [...words.split(" "), ...Object.entries(numbers).flatMap(([flag, value]) => [flag, String(value)])],
    folder,
  );
  const seconds = (performance.now() - start) / 1e3;
  const data = join(folder, "out", "run_it001_data.star");
  if (!existsSync(data)) throw new Error(`relion_refine wrote no ${data}`);
  const poses = readPoses({ star: readStar(data), pixelSizeAngstrom: source.pixelSizeAngstrom });
  if (poses === undefined) throw new Error(`${data} holds no poses`);
  return { poses, seconds };
}

function deviation(pixels: Float32Array): number {
  const mean = pixels.reduce((a, b) => a + b, 0) / pixels.length;
  return Math.sqrt(pixels.reduce((sum, v) => sum + (v - mean) ** 2, 0) / pixels.length);
}

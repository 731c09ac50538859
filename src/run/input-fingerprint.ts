/** @file What a run was made from, so that it is resumed on the same particles and never on others. */
import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { resolve } from "node:path";
import { IolausError } from "../core/errors.js";
import { reading } from "../io/file-access.js";
import { findStack, parseImageName } from "../io/image-path.js";
import type { Particles } from "../io/particles.js";
import { particleTables } from "../io/star-optics.js";
import { textColumns } from "../io/star-table.js";

export interface InputFingerprint {
  /** Absolute. */
  readonly path: string;
  /** Of the list, or of the names in a bare stack. */
  readonly sha256: string;
  readonly count: number;
  /** Side of the images, pixels. */
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  readonly stacks: readonly {
    /** As named in the STAR file. */
    readonly name: string;
    readonly bytes: number;
    /** ISO 8601. */
    readonly modified: string;
  }[];
}

export async function fingerprint(source: Particles, dataDir: string | undefined): Promise<InputFingerprint> {
  const { path, count, box, pixelSizeAngstrom, star } = source;
  const { block, particles } = particleTables(star);
  const [names = []] = textColumns(particles, ["rlnImageName"]);
  const stacks = new Set(names.map((name, i) => parseImageName(name, `${path} data_${block} row ${i + 1}`).stack));
  return {
    path: resolve(path),
    sha256: /\.(star|cs|txt)$/i.test(path)
      ? await hashFile(path)
      : createHash("sha256").update(names.join("\n")).digest("hex"),
    count,
    box,
    pixelSizeAngstrom,
    stacks: [...stacks].map((name) => {
      const file = findStack(name, path, dataDir);
      const { size, mtime } = reading(file, () => statSync(file));
      return { name, bytes: size, modified: mtime.toISOString() };
    }),
  };
}

/** Refuse particles other than those of the run. Times of change may differ: files get copied. */
export function checkSameInput(now: InputFingerprint, then: InputFingerprint): void {
  const sizes = (f: InputFingerprint): string => f.stacks.map(({ name, bytes }) => `${name} ${bytes}`).join();
  if (now.sha256 === then.sha256 && sizes(now) === sizes(then)) return;
  const what = now.sha256 === then.sha256 ? "stacks of other sizes" : "another list of particles";
  throw new IolausError(
    "bad-argument",
    `${now.path}: expected the particles of the run (${then.path}), got ${what}; start a new run in another folder`,
  );
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece);
  return hash.digest("hex");
}

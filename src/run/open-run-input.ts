/** @file The particles that a run was made from, opened as the run opened them. */
import { openParticles, type Particles } from "../io/particles.js";
import type { RunManifest } from "./run-manifest.js";

export interface RunInputOptions {
  /** The particle file, where it has moved. @default where it was */
  readonly particles?: string;
  /** Folder at which the paths in the particle file begin. @default the one the run was given */
  readonly dataDir?: string;
}

/** Open them; close them when done. */
export async function openRunInput(manifest: RunManifest, options: RunInputOptions = {}): Promise<Particles> {
  const { input, settings, machinery } = manifest;
  const { ctf, pixelSizeAngstrom } = settings;
  const { passthrough = [], ctfPkl } = machinery;
  const folder = options.dataDir ?? machinery.dataDir;
  return openParticles(options.particles ?? input.path, {
    ctf,
    ...(pixelSizeAngstrom !== null && { pixelSizeAngstrom }),
    ...(folder !== null && { dataDir: folder }),
    ...(ctfPkl != null && { ctfPkl }),
    passthrough,
  });
}

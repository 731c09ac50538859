/**
 * @file Maps for UCSF ChimeraX: a script (`.cxc`) beside the maps that opens them with our colours and levels, the same view for all.
 *
 * Commands: https://www.rbvi.ucsf.edu/chimerax/docs/user/commands/volume.html. Paths are relative to the script.
 */
import { join } from "node:path";
import { check } from "../core/errors.js";
import { writeFileAtomic } from "../io/atomic.js";
import { writeVolume } from "../io/mrc.js";
import { surfaceLevel } from "../plot/isosurface.js";
import type { LabelledVolume } from "../plot/orthogonal-slices.js";
import { categoryColour } from "../plot/palette.js";
import { makeFolder } from "./make-folder.js";

export interface ChimeraxMap {
  /** Relative to the script. */
  readonly file: string;
  readonly label: string;
  /** Density of the surface. */
  readonly level: number;
}

export interface ChimeraxOptions {
  /** Density of the surfaces: one for all maps or one each. @default `surfaceLevel` of each map */
  readonly level?: number | readonly number[];
  /** As one series to play, frame after frame, rather than side by side. @default false */
  readonly series?: boolean;
}

/** The script. */
export function chimeraxScript(maps: readonly ChimeraxMap[], options: { readonly series?: boolean } = {}): string {
  check(maps.length > 0, "maps", "at least one", maps.length);
  const quoted = (text: string): string => `"${text.replaceAll(/["\\\n]/g, " ")}"`;
  const commands = maps.flatMap(({ file, label, level }, i) => [
    `open ${quoted(file)} id ${i + 1}`,
    `rename #${i + 1} ${quoted(label)}`,
    `volume #${i + 1} style surface step 1 level ${Number(level.toPrecision(6))} color ${categoryColour(options.series ? 0 : i)}`,
  ]);
  const all = `#1-${maps.length}`;
  const arrange = options.series ? [`mseries slider ${all}`] : maps.length > 1 ? [`tile ${all}`] : [];
  return `${[...commands, "set bgColor white", "lighting soft", "view", ...arrange].join("\n")}\n`;
}

/** Write `maps.cxc` and one `map_001.mrc` … per map into `folder`, which is made; the path of the script. */
export function writeChimeraxBundle(
  folder: string,
  volumes: readonly LabelledVolume[],
  options: ChimeraxOptions = {},
): string {
  check(volumes.length > 0, "volumes", "at least one map", volumes.length);
  const { level, series = false } = options;
  check(
    typeof level !== "object" || level.length === volumes.length,
    "level",
    `${volumes.length} levels`,
    Array.isArray(level) ? level.length : level,
  );
  makeFolder(folder);
  const maps = volumes.map(({ label, volume }, i): ChimeraxMap => {
    const file = `map_${String(i + 1).padStart(3, "0")}.mrc`;
    writeVolume(join(folder, file), volume);
    return { file, label, level: (typeof level === "object" ? level[i] : level) ?? surfaceLevel(volume) };
  });
  const script = join(folder, "maps.cxc");
  writeFileAtomic(script, chimeraxScript(maps, { series }));
  return script;
}

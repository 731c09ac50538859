/** @file Whole new particle lists in RELION 3.1's form. */
import type { Optics } from "../core/types.js";
import type { StarFile } from "./star.js";
import { type StarColumns, tableOf } from "./star-table.js";

const VERSION = "# version 30001";

export interface OpticsGroup {
  readonly name: string;
  /** Side of the images, pixels. */
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  /** Left out of the file when unknown; RELION then corrects no CTF. */
  readonly optics?: Optics;
}

/** A list of particles. Groups are numbered from 1 in the order given; `particles` holds rlnOpticsGroup. */
export function particleStar(list: {
  readonly path?: string;
  readonly opticsGroups: readonly OpticsGroup[];
  readonly particles: StarColumns;
}): StarFile {
  const { path = "<new>", opticsGroups, particles } = list;
  const known = opticsGroups.flatMap(({ optics }) => (optics === undefined ? [] : [optics]));
  const microscope: StarColumns = {
    rlnVoltage: known.map((optics) => optics.voltageKv),
    rlnSphericalAberration: known.map((optics) => optics.sphericalAberrationMm),
    rlnAmplitudeContrast: known.map((optics) => optics.amplitudeContrast),
  };
  const optics: StarColumns = {
    rlnOpticsGroup: opticsGroups.map((_, i) => i + 1),
    rlnOpticsGroupName: opticsGroups.map(({ name }) => name),
    rlnImagePixelSize: opticsGroups.map(({ pixelSizeAngstrom }) => pixelSizeAngstrom),
    rlnImageSize: opticsGroups.map(({ box }) => box),
    rlnImageDimensionality: opticsGroups.map(() => 2),
    ...(known.length === opticsGroups.length ? microscope : {}),
  };
  return {
    path,
    blocks: [
      { name: "optics", comments: [VERSION], items: [], table: tableOf(optics) },
      { name: "particles", comments: [VERSION], items: [], table: tableOf(particles) },
    ],
    trailing: [],
  };
}

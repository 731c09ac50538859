/**
 * @file Poses in STAR files ⇄ ours. RELION: Euler angles (rot, tilt, psi) in degrees of the same matrix R, and the
 * origin, which is the *negative* of our shift: in Å from 3.1 on, in pixels before.
 */
import { RADIANS_PER_DEGREE } from "../core/constants.js";
import { check, IolausError } from "../core/errors.js";
import type { Poses } from "../core/types.js";
import { eulerFromRotation, rotationAt, rotationFromEuler } from "../geometry/rotation.js";
import type { StarFile } from "./star.js";
import { isRelion31, particleTables, readColumns } from "./star-optics.js";
import { hasColumn, type StarColumns } from "./star-table.js";

/** What the conversions need to know of particles. */
export interface PosedParticles {
  readonly star: StarFile;
  readonly pixelSizeAngstrom: number;
  /** Present where pixel sizes differ. */
  readonly gridOf?: unknown;
}

const ANGLES = ["rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi"] as const;

/** The poses written in the file; undefined when a column of angles is missing. Missing origins are zero. */
export function readPoses(source: PosedParticles): Poses | undefined {
  const tables = particleTables(source.star);
  const unit = originUnit(source);
  const column = readColumns(tables, [...ANGLES, `rlnOriginX${unit.suffix}`, `rlnOriginY${unit.suffix}`]);
  const [rot, tilt, psi] = ANGLES.map((label) => column(label));
  if (!rot || !tilt || !psi) return undefined;
  const count = rot.length;
  const matrices = new Float64Array(9 * count);
  const shiftsAngstrom = new Float64Array(2 * count);
  const x = column(`rlnOriginX${unit.suffix}`);
  const y = column(`rlnOriginY${unit.suffix}`);
  for (let i = 0; i < count; i++) {
    const [a, b, c] = [rot[i]!, tilt[i]!, psi[i]!].map((degrees) => degrees * RADIANS_PER_DEGREE);
    matrices.set(rotationFromEuler(a!, b!, c!), 9 * i);
    shiftsAngstrom[2 * i] = -(x?.[i] ?? 0) * unit.angstrom;
    shiftsAngstrom[2 * i + 1] = -(y?.[i] ?? 0) * unit.angstrom;
  }
  return { rotations: { kind: "rotations", count, matrices }, shiftsAngstrom };
}

/** Columns of angles and origins for `poses`, in the units of the file `source` was read from. */
export function poseColumns(source: PosedParticles, poses: Poses): StarColumns {
  const { rotations, shiftsAngstrom } = poses;
  const { count } = rotations;
  check(shiftsAngstrom.length === 2 * count, "poses.shiftsAngstrom", `${2 * count} numbers`, shiftsAngstrom.length);
  const [rot, tilt, psi, x, y] = Array.from({ length: 5 }, () => new Float64Array(count));
  const { suffix, angstrom } = originUnit(source);
  for (let i = 0; i < count; i++) {
    const { rotRad, tiltRad, psiRad } = eulerFromRotation(rotationAt(rotations, i));
    rot![i] = rotRad / RADIANS_PER_DEGREE;
    tilt![i] = tiltRad / RADIANS_PER_DEGREE;
    psi![i] = psiRad / RADIANS_PER_DEGREE;
    x![i] = -shiftsAngstrom[2 * i]! / angstrom;
    y![i] = -shiftsAngstrom[2 * i + 1]! / angstrom;
  }
  return {
    rlnAngleRot: rot!,
    rlnAngleTilt: tilt!,
    rlnAnglePsi: psi!,
    [`rlnOriginX${suffix}`]: x!,
    [`rlnOriginY${suffix}`]: y!,
  };
}

/** Origins are Å in files of RELION 3.1 on, pixels in older ones. */
function originUnit({ star, pixelSizeAngstrom, gridOf }: PosedParticles): { suffix: string; angstrom: number } {
  const tables = particleTables(star);
  const inPixels =
    !isRelion31(tables) ||
    (hasColumn(tables.particles, "rlnOriginX") && !hasColumn(tables.particles, "rlnOriginXAngst"));
  if (inPixels && gridOf !== undefined) {
    const got = "origins in pixels of several sizes";
    throw new IolausError("unsupported", `${star.path}: expected rlnOriginX/YAngst, got ${got}; convert them to Å`);
  }
  return inPixels ? { suffix: "", angstrom: pixelSizeAngstrom } : { suffix: "Angst", angstrom: 1 };
}

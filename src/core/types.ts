/** @file The nouns: readonly data that every other folder speaks of. Units are in the names (CONVENTIONS.md). */

/** What the microscope fixes: one per optics group. */
export interface Optics {
  readonly voltageKv: number;
  readonly sphericalAberrationMm: number;
  /** Fraction, 0..1. */
  readonly amplitudeContrast: number;
}

/** What changes from image to image. Underfocus is positive. */
export interface Defocus {
  readonly uAngstrom: number;
  readonly vAngstrom: number;
  /** From +x to the U axis, counter-clockwise. */
  readonly angleRad: number;
  /** Extra phase of a phase plate. */
  readonly phaseShiftRad: number;
}

/** A density map: Float32[box box box], `[z][y][x]`, origin at voxel box/2 on every axis. */
export interface Volume {
  readonly kind: "volume";
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  readonly values: Float32Array;
}

/** Rotations, object → camera: Float64[count 9], row-major 3×3. Rows: image x, image y, viewing direction. */
export interface Rotations {
  readonly kind: "rotations";
  readonly count: number;
  readonly matrices: Float64Array;
}

/** One pose per image: a rotation and the displacement of the particle in the image. */
export interface Poses {
  readonly rotations: Rotations;
  /** Float64[count 2], (x, y), Å. RELION's rlnOriginX/YAngst is the negative. */
  readonly shiftsAngstrom: Float64Array;
}

/** The pixels of a square image. */
export interface ImageGrid {
  /** Side, pixels; even. */
  readonly box: number;
  readonly pixelSizeAngstrom: number;
}

/**
 * Particle images with what is known of each, one bounded read per image.
 * `keys[i]` identifies image i for ever; positions do not.
 */
export interface ParticleSource {
  readonly kind: "particle-source";
  /** The file the source was opened from. */
  readonly path: string;
  readonly count: number;
  /** Side of the images, pixels; even. Of images of several grids: of the grid that all of them can be brought to. */
  readonly box: number;
  readonly pixelSizeAngstrom: number;
  /** The grid of image `index`, where not all images have the same; absent where they have. */
  readonly gridOf?: ((index: number) => ImageGrid) | undefined;
  /** Files that hold pixels; what is made from the images goes stale when one of them changes. */
  readonly files?: readonly string[];
  readonly keys: readonly string[];
  /** False when the file has no CTF columns and the caller said so; then the CTF is 1 everywhere. */
  readonly hasCtf: boolean;
  optics(index: number): Optics;
  defocus(index: number): Defocus;
  /** Float32[box box] of the image's own grid, `[y][x]`. Written into `out` when given. */
  readImage(index: number, out?: Float32Array): Float32Array;
  close(): void;
}

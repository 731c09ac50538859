/**
 * @file Maps and fields as references of a search: whitened like the images, and on their scale.
 *
 * A whitened image is C·g·S/σ + noise, S the map's slice, σ the noise per shell, g the unit of the map in units of the
 * normalised images. g is measured from the spectra: the power of the signal in the images (imaging/prepare.ts)
 * against that of the map, least squares over shells, shells weighted by their points and by what the CTF passes.
 */
import { check } from "../core/errors.js";
import type { Volume } from "../core/types.js";
import { createFieldEvaluator } from "../field/evaluator.js";
import type { Field } from "../field/field.js";
import { rasterise } from "../field/rasterise.js";
import { type FourierRaster, rasterFromVolume } from "../imaging/fourier-raster.js";
import type { PreparedReader } from "../imaging/prepared-reader.js";

/** A field at one of its conformations. */
export interface FieldAnchor {
  readonly kind: "field-anchor";
  readonly field: Field;
  /** Float32[zDim] */
  readonly z: Float32Array;
}

/** A map, a field (at z = 0), a field at an anchor, or a raster that is already whitened. */
export type PoseReference = Volume | Field | FieldAnchor | FourierRaster;

/** Points of a field evaluated at a time. */
const EVALUATION_POINTS = 2048;
/** Images whose CTFs weight the shells. */
const CTF_IMAGES = 50;

/** The raster of `reference` up to `radius` Fourier pixels. `scale`: g of a map, measured when undefined. */
export async function referenceRaster(
  reader: PreparedReader,
  reference: PoseReference,
  radius: number,
  scale?: number,
): Promise<FourierRaster> {
  if (reference.kind === "fourier-raster") return reference;
  if (reference.kind === "volume") return mapRaster(reader, reference, radius, scale);
  const { set } = reader;
  const field = reference.kind === "field" ? reference : reference.field;
  const z = reference.kind === "field" ? new Float32Array(field.config.zDim) : reference.z;
  const evaluator = await createFieldEvaluator(field.config, { points: EVALUATION_POINTS });
  try {
    const envelope = set.signalEnvelope;
    return await rasterise(evaluator, field, { box: set.box, radius, z, envelope, forSlices: true });
  } finally {
    await evaluator.dispose();
  }
}

function mapRaster(reader: PreparedReader, map: Volume, radius: number, scale: number | undefined): FourierRaster {
  const { set } = reader;
  check(map.pixelSizeAngstrom > 0, "reference.pixelSizeAngstrom", "a positive length in Å", map.pixelSizeAngstrom);
  // A Fourier pixel of the map in Fourier pixels of the images.
  const stretch = (map.box * map.pixelSizeAngstrom) / (set.box * set.pixelSizeAngstrom);
  const reach = radius * stretch;
  check(
    reach <= map.box / 2,
    "reference",
    `a map sampled at ${((map.pixelSizeAngstrom * map.box) / 2 / reach).toFixed(2)} Å per pixel or finer`,
    `${map.pixelSizeAngstrom} Å`,
    "or lower the resolution of the search",
  );
  const unscaled = rasterFromVolume(map, reach);
  const oversampling = unscaled.oversampling * stretch;
  const raster = { ...unscaled, radius, oversampling };
  forEachCell(raster, (at, k) => {
    const gain = 1 / set.noiseSigma[Math.min(set.box / 2 - 1, Math.round(k))]!;
    raster.values[at]! *= gain;
    raster.values[at + 1]! *= gain;
  });
  const g = scale ?? measureScale(reader, raster);
  check(Number.isFinite(g) && g !== 0, "scale", "a finite number other than 0", g);
  for (let i = 0; i < raster.values.length; i++) raster.values[i]! *= g;
  return raster;
}

/** g: Σ w e² m² / Σ w m⁴ = g², e the images' signal per shell, m the map's, w points × C⁴. */
function measureScale(reader: PreparedReader, raster: FourierRaster): number {
  const { set, plane } = reader;
  const shells = Math.min(Math.floor(raster.radius), set.box / 2 - 1);
  const [power, cells, passed] = [0, 1, 2].map(() => new Float64Array(shells + 1)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  forEachCell(raster, (at, k) => {
    const shell = Math.round(k);
    if (shell < 1 || shell > shells) return;
    power[shell]! += (raster.values[at]! ** 2 + raster.values[at + 1]! ** 2) / 2;
    cells[shell]! += 1;
  });
  const contrast = new Float32Array(reader.points(shells));
  for (let i = 0; i < Math.min(CTF_IMAGES, set.count); i++) {
    reader.readContrast(i, contrast);
    for (let p = 0; p < contrast.length; p++) passed[Math.min(shells, plane.shell[p]!)]! += contrast[p]! ** 2;
  }
  let [images, map] = [0, 0];
  for (let s = 1; s <= shells; s++) {
    const weight = passed[s]! ** 2 / s;
    const m2 = power[s]! / cells[s]!;
    images += weight * set.signalEnvelope[s]! ** 2 * m2;
    map += weight * m2 * m2;
  }
  check(map > 0, "reference", "a map with some signal", "a map of zeros");
  return Math.sqrt(images / map);
}

/** Every lattice point inside the ball: its place in `values`, and |k| in Fourier pixels of the images. */
function forEachCell({ size, radius, oversampling }: FourierRaster, visit: (at: number, k: number) => void): void {
  const half = (size - 1) / 2;
  const limit = radius + 2 / oversampling;
  for (let z = -half, at = 0; z <= half; z++)
    for (let y = -half; y <= half; y++)
      for (let x = -half; x <= half; x++, at += 2) {
        const k = Math.sqrt(x * x + y * y + z * z) / oversampling;
        if (k <= limit) visit(at, k);
      }
}

/**
 * @file Axes about which a map repeats: scanned over 384 directions, refined by compass search, centre and all.
 */
import { healpixCentre, healpixCount } from "../geometry/healpix.js";
import { along, axialSpectrum, dot, perpendiculars, unit } from "./axial-spectrum.js";
import type { IsolatedParticle } from "./isolated-particle.js";
import { quantile } from "./quantile.js";
import { axialBackground, HIGHEST_ORDER, rotationalAsymmetry } from "./rotational-asymmetry.js";
import type { Triple } from "./volume-comparison.js";
import { volumeSpectrum } from "./volume-spectrum.js";

export interface SymmetryAxis {
  readonly order: number;
  /** Unit vector in the map's frame. */
  readonly axis: Triple;
  /** A point on it, voxels of the isolated map from the centre of the box. */
  readonly centre: Triple;
  readonly asymmetry: number;
}

export interface AxisSearch {
  /** The best axes of each order, refined, by falling order; those hardly better than random axes are left out. */
  readonly axes: readonly SymmetryAxis[];
  /** The asymmetry that 95 % of all axes exceed. */
  byChance(order: number): number;
  asymmetry(order: number, axis: Triple, centre: Triple): number;
  refined(order: number, axis: Triple, centre: Triple): SymmetryAxis;
}

const GRID_ORDER = 3;
/** Fourier pixels. An axis of the grid may be 5° off, which matters less at low resolution. */
const SCAN_SHELLS = 9;
const FINE_SHELLS = 14;
/** Refined are axes with less than this part of the asymmetry by chance, so many of each order, so far apart. */
const WORTH_REFINING = 0.75;
const KEPT = 3;
const APART = Math.cos((20 * Math.PI) / 180);
/** First and last step of the refinement: radians, and voxels. */
const FIRST_STEP = { rad: 0.07, voxels: 0.7 };
const HALVINGS = 5;

/** `shells`: Fourier pixels to compare, at most. */
export function searchAxes({ map, extent, signalShare }: IsolatedParticle, shells: number): AxisSearch {
  const spectrum = volumeSpectrum(map);
  const directions = halfSphere();
  const about = (axis: Triple, centre: Triple, end: number): Float64Array =>
    axialSpectrum(spectrum, axis, centre, Math.min(end, shells));
  const spectra = directions.map((axis) => about(axis, extent.centre, SCAN_SHELLS));
  const coarse = axialBackground(spectra, signalShare);
  const sparse = directions.filter((_, i) => i % 6 === 0);
  const fine = axialBackground(
    sparse.map((axis) => about(axis, extent.centre, FINE_SHELLS)),
    signalShare,
  );
  const orders = Array.from({ length: HIGHEST_ORDER - 1 }, (_, i) => HIGHEST_ORDER - i);
  const scanned = new Map(orders.map((n) => [n, spectra.map((s) => rotationalAsymmetry(s, n, coarse))]));
  const byChance = (order: number): number => quantile(scanned.get(order)!, 0.05);
  const typical = (order: number): number => quantile(scanned.get(order)!, 0.5);
  const asymmetry = (order: number, axis: Triple, centre: Triple): number =>
    rotationalAsymmetry(about(axis, centre, FINE_SHELLS), order, fine);
  const refined = (order: number, axis: Triple, centre: Triple): SymmetryAxis =>
    refine({ order, axis, centre, asymmetry: asymmetry(order, axis, centre) }, asymmetry);
  const axes: SymmetryAxis[] = [];
  for (const order of orders) {
    const values = scanned.get(order)!;
    const ranked = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
    const kept: number[] = [];
    for (const i of ranked) {
      if (kept.length === KEPT || values[i]! > WORTH_REFINING * typical(order)) break;
      if (kept.every((j) => Math.abs(dot(directions[i]!, directions[j]!)) < APART)) kept.push(i);
    }
    axes.push(...kept.map((i) => refined(order, directions[i]!, extent.centre)));
  }
  return { axes, byChance, asymmetry, refined };
}

/** One direction of each axis of the grid. */
function halfSphere(): Triple[] {
  const directions: Triple[] = [];
  for (let pixel = 0; pixel < healpixCount(GRID_ORDER); pixel++) {
    const { thetaRad, phiRad } = healpixCentre(GRID_ORDER, pixel);
    const z = Math.cos(thetaRad);
    if (z > 1e-9 || (Math.abs(z) < 1e-9 && phiRad < Math.PI))
      directions.push([Math.sin(thetaRad) * Math.cos(phiRad), Math.sin(thetaRad) * Math.sin(phiRad), z]);
  }
  return directions;
}

/** Take any step of axis or centre that helps, halve the steps when none does. */
function refine(start: SymmetryAxis, asymmetry: (order: number, axis: Triple, centre: Triple) => number): SymmetryAxis {
  const { order } = start;
  let best = start;
  const attempt = (axis: Triple, centre: Triple): void => {
    const found = asymmetry(order, axis, centre);
    if (found < best.asymmetry) best = { order, axis, centre, asymmetry: found };
  };
  for (let halving = 0; halving < HALVINGS; halving++) {
    const scale = 2 ** -halving;
    for (let sweep = 0, before = Infinity; best.asymmetry < before && sweep < 4; sweep++) {
      before = best.asymmetry;
      for (const sign of [1, -1])
        for (const way of [0, 1] as const) {
          attempt(unit(along(best.axis, sign * scale * FIRST_STEP.rad, perpendiculars(best.axis)[way])), best.centre);
          attempt(best.axis, along(best.centre, sign * scale * FIRST_STEP.voxels, perpendiculars(best.axis)[way]));
        }
    }
  }
  return best;
}

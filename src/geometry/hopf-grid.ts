/**
 * @file A grid on SO(3) that refines 1 → 8: HEALPix directions (NESTED) × in-plane angles.
 *
 *     ψ_j = (j + ½) 2π / (6·2^order) − g φ,   R(θ, φ, ψ) = Rz(ψ) R(θ, φ, 0)
 *
 * Cell (direction d, angle j) of one order holds the cells (4d..4d+3, 2j..2j+1) of the next. R(θ, φ, 0) turns
 * in plane by (1 − cos θ) dφ as φ moves, twice around at θ = π, so the angles are counted from −g φ with
 * g = 0, 1, 2 for the base pixels of the upper, middle and lower row; then no child of order 3 is further than
 * 10.1° from its parent (48° without). HEALPix cells never leave their base pixel, so families agree on g.
 *
 * Order 2 has 192 × 24 = 4,608 rotations, 15° apart; nearest-point error: median 7.3°, largest 12.4°.
 * The relabelled quaternion is that of the cryoDRGN family (methods 1.3): viewing direction
 * (sin θ cos φ, −sin θ sin φ, −cos θ). Source: Yershova et al. 2010, IJRR 29, 801; g is ours.
 */
import type { Rotations } from "../core/types.js";
import { healpixCentre, healpixCount } from "./healpix.js";
import type { Matrix3 } from "./rotation.js";

/** In-plane angles at `order`: 6 · 2^order. */
export function hopfAngles(order: number): number {
  return 6 * 2 ** order;
}

/** Largest spacing between neighbours along an axis, rad. */
export function hopfSpacingRad(order: number): number {
  return (2 * Math.PI) / hopfAngles(order);
}

/** All rotations of the grid, direction-major: index = direction · angles + angle. */
export function hopfGrid(order: number): Rotations {
  const directions = healpixCount(order);
  const angles = hopfAngles(order);
  const matrices = new Float64Array(9 * directions * angles);
  for (let d = 0; d < directions; d++) {
    const { thetaRad, phiRad } = healpixCentre(order, d);
    const origin = -Math.floor(d / (4 * 4 ** order)) * phiRad;
    for (let j = 0; j < angles; j++)
      matrices.set(hopfRotation(thetaRad, phiRad, origin + ((j + 0.5) * 2 * Math.PI) / angles), 9 * (d * angles + j));
  }
  return { kind: "rotations", count: directions * angles, matrices };
}

/** The eight cells of order + 1 inside cell `index` of `order`. */
export function hopfChildren(order: number, index: number): readonly number[] {
  const angles = hopfAngles(order);
  const direction = Math.floor(index / angles);
  const angle = index % angles;
  const children: number[] = [];
  for (let d = 0; d < 4; d++)
    for (let j = 0; j < 2; j++) children.push((4 * direction + d) * 2 * angles + 2 * angle + j);
  return children;
}

/** R(θ, φ, ψ), angles in rad. */
export function hopfRotation(thetaRad: number, phiRad: number, psiRad: number): Matrix3 {
  const [ct, st] = [Math.cos(thetaRad / 2), Math.sin(thetaRad / 2)];
  const r = ct * Math.cos(psiRad / 2);
  const i = ct * Math.sin(psiRad / 2);
  const j = st * Math.cos(phiRad + psiRad / 2);
  const k = st * Math.sin(phiRad + psiRad / 2);
  return [
    r * r - i * i - j * j + k * k,
    2 * (r * i + j * k),
    2 * (r * j - i * k),
    2 * (r * i - j * k),
    -r * r + i * i - j * j + k * k,
    2 * (i * j + r * k),
    2 * (r * j + i * k),
    2 * (i * j - r * k),
    -r * r - i * i + j * j + k * k,
  ];
}

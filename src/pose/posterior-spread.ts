/**
 * @file How sure a pose is: the radius of the ball around it that holds 68 % of the posterior.
 *
 * Around the top of every hill the posterior is nearly a Gaussian, of the precision P (normal-equations.ts), but at
 * low signal wider than that: the likelihood is rough. So turns ω are drawn from a Gaussian s times as wide, scored
 * at the shift that goes best with them,
 *
 *     t(ω) = t − P_tt⁻¹ P_tω ω,      ω ~ N(0, s² (P_ωω − P_ωt P_tt⁻¹ P_tω)⁻¹)
 *
 * and weighted by exp(score) / density (importance sampling). The mass within an angle of the best pose is counted
 * over the draws of all hills. Rotations that the particle's symmetry makes equal count as one. Nothing is fitted:
 * `npm run accuracy -- pose` counts the truths inside.
 */
import { CholeskyDecomposition, inverse, Matrix } from "ml-matrix";
import { seededRandom } from "../core/random.js";
import type { Rotations } from "../core/types.js";
import { geodesicRad, type Matrix3, multiply, rotationAt, rotationFromVector } from "../geometry/rotation.js";
import { PARAMETERS } from "./normal-equations.js";

/** A hill of the posterior. */
export interface Hill {
  readonly rotation: Matrix3;
  /** Log-likelihood, as `scoreAt`: a score times the part of the coefficients that is independent. */
  readonly score: number;
  /** Float64[5 5] */
  readonly precision: Float64Array;
  /** The same after a turn (rad) and a shift (pixels) away from the top. */
  scoreAt(turn: readonly [number, number, number], shift: readonly [number, number]): number;
}

/** Part of the posterior that the ball holds. */
const MASS = 0.68;
/** Draws per hill, and how much wider than the Gaussian they are. */
const DRAWS = 16;
const WIDENING = 1.4;
/** Hills this far below the best (natural units of mass) hold nothing. */
const DEPTH = 4;

const NORMALS = evenNormals(DRAWS);

interface Draw {
  readonly distance: number;
  readonly logWeight: number;
}

/** Radius in rad around `centre`; π where no hill has a finite width. */
export function posteriorSpread(centre: Matrix3, hills: readonly Hill[], symmetry: Rotations): number {
  const shapes = hills.flatMap((hill) => shapeOf(hill) ?? []);
  if (shapes.length === 0) return Math.PI;
  const top = Math.max(...shapes.map((shape) => shape.logMass));
  const draws = shapes
    .filter(({ logMass }) => logMass > top - DEPTH)
    .flatMap((shape) => drawsOf(shape, nearestMate(shape.hill.rotation, centre, symmetry), centre));
  return Math.min(Math.PI, weightedQuantile(draws, MASS));
}

interface Shape {
  readonly hill: Hill;
  /** Gaussian mass, up to a constant. */
  readonly logMass: number;
  /** ½ log of the determinants of precisions: of shift given turn, and of turns. */
  readonly halfLogShift: number;
  readonly halfLogTurn: number;
  /** 3×3: turns are root · n. */
  readonly root: Matrix;
  /** 2×3: the shift that goes with a turn. */
  readonly shift: Matrix;
}

function shapeOf(hill: Hill): Shape | undefined {
  const precision = Matrix.from1DArray(PARAMETERS, PARAMETERS, hill.precision);
  const turns = precision.subMatrix(0, 2, 0, 2);
  const mixed = precision.subMatrix(3, 4, 0, 2);
  const ofShift = new CholeskyDecomposition(precision.subMatrix(3, 4, 3, 4));
  if (!ofShift.isPositiveDefinite()) return undefined;
  const shift = ofShift.solve(mixed).mul(-1);
  const marginal = turns.add(mixed.transpose().mmul(shift));
  const ofTurn = new CholeskyDecomposition(marginal.add(marginal.transpose()).mul(0.5));
  if (!ofTurn.isPositiveDefinite()) return undefined;
  const halfLogShift = halfLogDeterminant(ofShift);
  const halfLogTurn = halfLogDeterminant(ofTurn);
  const root = inverse(ofTurn.lowerTriangularMatrix).transpose();
  return { hill, logMass: hill.score - halfLogShift - halfLogTurn, halfLogShift, halfLogTurn, root, shift };
}

function drawsOf({ hill, root, shift, halfLogShift, halfLogTurn }: Shape, mate: Matrix3, centre: Matrix3): Draw[] {
  return NORMALS.map((n) => {
    const column = root.mmul(Matrix.columnVector(n)).mul(WIDENING);
    const turn = column.to1DArray() as [number, number, number];
    const moved = shift.mmul(column).to1DArray() as [number, number];
    const logDensity = halfLogTurn - (n[0] ** 2 + n[1] ** 2 + n[2] ** 2) / 2;
    return {
      distance: geodesicRad(multiply(rotationFromVector(turn), mate), centre),
      logWeight: hill.scoreAt(turn, moved) - halfLogShift - logDensity,
    };
  });
}

function halfLogDeterminant(factor: CholeskyDecomposition): number {
  return factor.lowerTriangularMatrix.diag().reduce((sum, d) => sum + Math.log(d), 0);
}

/** Of the rotations that look like `rotation`, the one nearest to `centre`. */
function nearestMate(rotation: Matrix3, centre: Matrix3, symmetry: Rotations): Matrix3 {
  let nearest = rotation;
  for (let g = 1; g < symmetry.count; g++) {
    const mate = multiply(rotation, rotationAt(symmetry, g));
    if (geodesicRad(mate, centre) < geodesicRad(nearest, centre)) nearest = mate;
  }
  return nearest;
}

function weightedQuantile(draws: Draw[], mass: number): number {
  draws.sort((a, b) => a.distance - b.distance);
  const top = Math.max(...draws.map((draw) => draw.logWeight));
  const weights = draws.map((draw) => Math.exp(draw.logWeight - top));
  const wanted = mass * weights.reduce((sum, weight) => sum + weight, 0);
  // Half of a draw's weight lies on either side of it; linear in between.
  let [before, at] = [0, 0];
  for (const [i, { distance }] of draws.entries()) {
    const here = at + weights[i]! / 2;
    if (here >= wanted) {
      const last = i === 0 ? 0 : draws[i - 1]!.distance;
      return last + ((wanted - before) / (here - before)) * (distance - last);
    }
    before = here;
    at += weights[i]!;
  }
  return draws.at(-1)!.distance;
}

/** `count` points spread like normal numbers in three dimensions: directions on a spiral, radii at even quantiles. */
function evenNormals(count: number): (readonly [number, number, number])[] {
  const random = seededRandom(1);
  const radii = Array.from({ length: 101 * count }, () =>
    Math.hypot(random.normal(), random.normal(), random.normal()),
  );
  radii.sort((a, b) => a - b);
  const golden = Math.PI * (3 - Math.sqrt(5));
  return Array.from({ length: count }, (_, i) => {
    // Seven is no divisor of the count: neighbours on the spiral have unlike radii.
    const radius = radii[101 * ((7 * i) % count) + 50]!;
    const z = 1 - (2 * i + 1) / count;
    const across = radius * Math.sqrt(1 - z * z);
    return [across * Math.cos(i * golden), across * Math.sin(i * golden), radius * z];
  });
}

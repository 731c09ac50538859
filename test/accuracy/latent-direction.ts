/** @file The direction of z that follows a true coordinate best, by least squares. */
import { Matrix, solve } from "ml-matrix";
import { spearman } from "../../src/metrics/spearman.js";

export interface LatentDirection {
  /** |Spearman| of z along the direction with the truth. */
  readonly correlation: number;
  /** Number[zDim], of length 1. */
  readonly unit: readonly number[];
  /** Number[images]: z along it. */
  readonly along: readonly number[];
}

/** `z`: Float[images zDim]. */
export function latentDirection(z: ArrayLike<number>, zDim: number, truth: readonly number[]): LatentDirection {
  const rows = new Matrix(truth.map((_, i) => Array.from({ length: zDim }, (_, j) => z[i * zDim + j]!)));
  const right = rows.transpose().mmul(Matrix.columnVector([...truth]));
  const direction = solve(rows.transpose().mmul(rows), right).to1DArray();
  const length = Math.hypot(...direction);
  const unit = direction.map((d) => d / length);
  const along = rows.mmul(Matrix.columnVector(unit)).to1DArray();
  return { correlation: Math.abs(spearman(along, truth)), unit, along };
}

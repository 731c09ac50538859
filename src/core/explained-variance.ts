/**
 * @file How much of some numbers follows from others: adjusted R² of a linear fit.
 *
 *     R² = 1 − (residual / (n − terms)) / (total / (n − 1))      0 on average where they are independent, at any n
 */
import { Matrix, solve } from "ml-matrix";
import { check } from "./errors.js";

/**
 * Of each column of `values`, Float[n dimension], by the terms `design`, n rows with 1 among them: Float64[dimension], at most
 * 1; 0 for a column without spread.
 */
export function explainedVariance(
  design: readonly (readonly number[])[],
  values: ArrayLike<number>,
  dimension: number,
): Float64Array {
  const count = design.length;
  const width = design[0]?.length ?? 0;
  check(values.length === count * dimension, "values", `${count * dimension} numbers`, values.length);
  check(count > width + 1, "design", `more than ${width + 1} rows`, count);
  const terms = new Matrix(design.map((row) => [...row]));
  const gram = terms.transpose().mmul(terms);
  for (let t = 0; t < width; t++) gram.set(t, t, gram.get(t, t) * (1 + 1e-9) + 1e-9 * count); // terms may be left open
  const columns = new Matrix(
    Array.from({ length: count }, (_, i) => Array.from({ length: dimension }, (_, d) => values[i * dimension + d]!)),
  );
  const fitted = terms.mmul(solve(gram, terms.transpose().mmul(columns)));
  return Float64Array.from({ length: dimension }, (_, d) => {
    const mean = columns.getColumn(d).reduce((sum, v) => sum + v / count, 0);
    let [rest, all] = [0, 0];
    for (let i = 0; i < count; i++) {
      rest += (columns.get(i, d) - fitted.get(i, d)) ** 2;
      all += (columns.get(i, d) - mean) ** 2;
    }
    return all <= 1e-18 * count * mean ** 2 ? 0 : 1 - rest / (count - width) / (all / (count - 1));
  });
}

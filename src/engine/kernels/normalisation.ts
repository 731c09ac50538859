/** @file Batch normalisation as one kernel. Group, layer and instance normalisation are means and products already. */
import { binary, unary } from "./elementwise.js";
import type { Kernels } from "./kernel.js";

export const normalisation: Kernels = {
  FusedBatchNorm: (g, { x, mean, variance, offset, scale }, { varianceEpsilon }) => {
    const deviation = unary(g, "Sqrt", binary(g, "Add", variance!, g.scalar(varianceEpsilon)));
    const slope = scale === undefined ? unary(g, "Reciprocal", deviation) : binary(g, "Div", scale, deviation);
    const scaled = binary(g, "Mul", binary(g, "Sub", x!, mean!), slope);
    return offset === undefined ? scaled : binary(g, "Add", scaled, offset);
  },
};

/** @file docs/kernels.md, made from the kernel table. */
import { NEAREST } from "../../src/engine/kernels/nearest.js";
import { KERNEL_GROUPS, KERNELS } from "../../src/engine/kernels/table.js";

export function kernelList(): string {
  const groups = [...KERNEL_GROUPS].map(
    ([title, rows]) => `## ${title}\n\n${Object.keys(rows).sort().map(code).join(", ")}\n`,
  );
  const others = Object.entries(NEAREST).map(([name, advice]) => `| ${code(name)} | ${advice} |`);
  return [
    "# Kernels of compiled programs",
    "",
    `Made from \`src/engine/kernels/table.ts\` (\`npx vitest run test/unit/engine/kernel-list.test.ts -u\`). A compiled`,
    `program may use every TensorFlow.js operation that calls these ${KERNELS.size} kernels, and its gradients; each is compared`,
    "with TensorFlow.js's own CPU backend over random shapes in `test/property/kernels.test.ts`.",
    "",
    groups.join("\n"),
    "## Not there, and what to write instead",
    "",
    "| kernel | instead |",
    "|---|---|",
    ...others,
    "",
  ].join("\n");
}

function code(name: string): string {
  return `\`${name}\``;
}

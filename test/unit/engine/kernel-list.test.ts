import { expect, test } from "vitest";
import { kernelList } from "../../support/kernel-list.js";

test("docs/kernels.md lists the kernels of the table", async () => {
  await expect(kernelList()).toMatchFileSnapshot("../../../docs/kernels.md");
});

import { expect, test } from "vitest";
import { loadIndependentInto } from "../../../src/conformation/independent-image.js";
import { openPrepared } from "../../../src/imaging/prepared-reader.js";
import { emptyImage, loadImageInto } from "../../../src/pose/loaded-image.js";
import { linearSet } from "../../support/linear-beads.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const place = temporaryFolder();

test("a windowed image tells of z as much as its independent coefficients do", () => {
  const { set } = linearSet(place("set"), 0, 2);
  const reader = openPrepared({ ...set, windowPower: 0.25 });
  const [whole, independent] = [emptyImage(40), emptyImage(40)];
  loadImageInto(whole, reader, 1);
  loadIndependentInto(independent, reader, 1);
  expect(independent.y).toEqual(whole.y.map((v) => v / 4));
  expect(independent.squares).toEqual(whole.squares.map((v) => v / 4));
  reader.close();
});

import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readVolume } from "../../../src/io/mrc.js";
import { chimeraxScript, writeChimeraxBundle } from "../../../src/run/chimerax-bundle.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { beadMap, chiralBeads } from "../metrics/gaussian-blobs.js";

const at = temporaryFolder();
const map = beadMap(chiralBeads, 16, 3);

test("a bundle holds the maps and a script that opens each with its name, level and colour", () => {
  const script = writeChimeraxBundle(
    at("maps"),
    [
      { label: 'closed "A"', volume: map },
      { label: "open", volume: map },
    ],
    { level: [0.25, 0.5] },
  );
  expect(script).toBe(at("maps", "maps.cxc"));
  expect(readVolume(at("maps", "map_002.mrc"))).toEqual({ ...map, values: map.values });
  expect(readFileSync(script, "utf8").split("\n")).toEqual([
    'open "map_001.mrc" id 1',
    'rename #1 "closed  A "',
    "volume #1 style surface step 1 level 0.25 color #0072b2",
    'open "map_002.mrc" id 2',
    'rename #2 "open"',
    "volume #2 style surface step 1 level 0.5 color #d55e00",
    "set bgColor white",
    "lighting soft",
    "view",
    "tile #1-2",
    "",
  ]);
});

test("frames of one motion are a series of one colour", () => {
  const text = chimeraxScript(
    [1, 2, 3].map((i) => ({ file: `frame_${i}.mrc`, label: `${i}`, level: 1 })),
    { series: true },
  );
  expect(text).toContain("mseries slider #1-3\n");
  expect(new Set([...text.matchAll(/color (\S+)/g)].map(([, colour]) => colour)).size).toBe(1);
});

test("levels that do not match the maps are refused before anything is written", () => {
  const volumes = [{ label: "one", volume: map }];
  expect(() => writeChimeraxBundle(at("none"), volumes, { level: [1, 2] })).toThrow("level: expected 1 levels, got 2");
  expect(existsSync(at("none"))).toBe(false);
});

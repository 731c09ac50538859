import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom, shuffledIndices } from "../../../src/core/random.js";
import { imageKey, parseImageName } from "../../../src/io/image-path.js";
import { openParticles } from "../../../src/io/particles.js";
import { readPoses } from "../../../src/io/star-poses.js";
import { ctf } from "../../../src/optics/ctf.js";
import { mrcBytes } from "../../support/mrc-bytes.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = temporaryFolder();

/** A stack whose image i holds the value `first + i` in every pixel. */
function stack(
  path: string,
  count: number,
  options: { box?: number; first?: number; pixelSizeAngstrom?: number } = {},
): void {
  const { box = 4, first = 0, pixelSizeAngstrom = 1 } = options;
  mkdirSync(dirname(path), { recursive: true });
  const values = Float32Array.from({ length: count * box * box }, (_, i) => first + Math.floor(i / (box * box)));
  writeFileSync(path, mrcBytes({ n: [box, box, count], values, pixelSizeAngstrom }));
}

function star(path: string, labels: string[], rows: string[], optics = ""): string {
  mkdirSync(dirname(path), { recursive: true });
  const loop = (names: string[]): string => `loop_\n${names.map((name) => `_rln${name}\n`).join("")}`;
  writeFileSync(path, `${optics}\ndata_particles\n${loop(labels)}${rows.join("\n")}\n`);
  return path;
}

const GROUP = `data_optics
loop_
_rlnOpticsGroup
_rlnOpticsGroupName
_rlnVoltage
_rlnSphericalAberration
_rlnAmplitudeContrast
_rlnImagePixelSize
`;
const OPTICS = `${GROUP}2 b 200 2.0 0.07 3.54\n1 a 300 2.7 0.1 3.54\n`;
const LABELS = ["ImageName", "DefocusU", "DefocusV", "DefocusAngle", "PhaseShift", "OpticsGroup"];

describe("a RELION 3.1 file", () => {
  stack(folder("p/Extract/a.mrcs"), 3, { first: 10 });
  stack(folder("p/Extract/b.mrcs"), 2, { first: 20 });
  const rows = [
    "000002@Extract/a.mrcs 12000 11000 30 0 1",
    "000001@Extract/b.mrcs 9000 8000 -45 90 2",
    "000003@Extract/a.mrcs 12000 11000 30 0 1",
  ];
  const path = star(folder("p/particles.star"), LABELS, rows, OPTICS);

  test("opens with images, optics and defocus of each row together", async () => {
    const particles = await openParticles(path);
    expect(particles).toMatchObject({
      kind: "particle-source",
      path,
      count: 3,
      box: 4,
      pixelSizeAngstrom: 3.54,
      hasCtf: true,
    });
    expect([0, 1, 2].map((i) => particles.readImage(i)[5])).toEqual([11, 20, 12]);
    expect(particles.keys).toEqual(["2@Extract/a.mrcs", "1@Extract/b.mrcs", "3@Extract/a.mrcs"]);
    expect(particles.optics(0)).toEqual({ voltageKv: 300, sphericalAberrationMm: 2.7, amplitudeContrast: 0.1 });
    expect(particles.optics(1)).toEqual({ voltageKv: 200, sphericalAberrationMm: 2, amplitudeContrast: 0.07 });
    expect(particles.defocus(1)).toEqual({
      uAngstrom: 9000,
      vAngstrom: 8000,
      angleRad: -Math.PI / 4,
      phaseShiftRad: Math.PI / 2,
    });
    expect(() => particles.readImage(3)).toThrow("index: expected 0..2, got 3");
    expect(() => particles.defocus(-1)).toThrow("index: expected 0..2, got -1");
    particles.close();
  });

  test("shuffled rows keep image, CTF and key together", async () => {
    const order = [...shuffledIndices(3, seededRandom(3))];
    const shuffled = star(
      folder("p/shuffled.star"),
      LABELS,
      order.map((i) => rows[i]!),
      OPTICS,
    );
    const [original, moved] = [await openParticles(path), await openParticles(shuffled)];
    expect(order).not.toEqual([0, 1, 2]);
    order.forEach((from, to) => {
      expect(moved.keys[to]).toBe(original.keys[from]);
      expect(moved.readImage(to)).toEqual(original.readImage(from));
      expect(moved.defocus(to)).toEqual(original.defocus(from));
      expect(moved.optics(to)).toEqual(original.optics(from));
    });
  });

  test("splitting one optics group into several of the same optics changes no image, CTF or pose", async () => {
    const labels = [...LABELS, "AngleRot", "AngleTilt", "AnglePsi", "OriginXAngst", "OriginYAngst"];
    const posed = rows.map((row, i) => `${row.slice(0, -1)}GROUP ${10 * i} ${20 + i} ${-30 * i} ${i} -1.5`);
    const group = (number: number): string => `${number} g${number} 300 2.7 0.1 3.54\n`;
    const one = star(
      folder("p/whole.star"),
      labels,
      posed.map((row) => row.replace("GROUP", "1")),
      `${GROUP}${group(1)}`,
    );
    const whole = await openParticles(one);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(1, 2, 3), { minLength: 3, maxLength: 3 }), async (groups) => {
        const split = posed.map((row, i) => row.replace("GROUP", String(groups[i])));
        const optics = `${GROUP}${[3, 1, 2].map(group).join("")}`;
        const parted = await openParticles(star(folder("p/split.star"), labels, split, optics));
        expect(parted.keys).toEqual(whole.keys);
        for (let i = 0; i < 3; i++) {
          expect(parted.readImage(i)).toEqual(whole.readImage(i));
          expect([parted.optics(i), parted.defocus(i)]).toEqual([whole.optics(i), whole.defocus(i)]);
        }
        expect(readPoses(parted)).toEqual(readPoses(whole));
        parted.close();
      }),
      { seed: 1, numRuns: 10 },
    );
    whole.close();
  });

  test("a value of the particle wins over that of its optics group", async () => {
    const own = star(
      folder("p/own.star"),
      [...LABELS, "Voltage"],
      rows.map((row) => `${row} 120`),
      OPTICS,
    );
    expect((await openParticles(own)).optics(0).voltageKv).toBe(120);
  });

  test("missing V means U, missing angle and phase shift mean 0, one group needs no column", async () => {
    const one = star(
      folder("p/one.star"),
      ["ImageName", "DefocusU"],
      ["1@Extract/a.mrcs 7000"],
      `${GROUP}1 a 300 2.7 0.1 2\n`,
    );
    expect((await openParticles(one)).defocus(0)).toEqual({
      uAngstrom: 7000,
      vAngstrom: 7000,
      angleRad: 0,
      phaseShiftRad: 0,
    });
  });

  test.each([
    [
      "a group that is not there",
      LABELS,
      ["1@Extract/a.mrcs 1 1 0 0 7"],
      OPTICS,
      "expected optics group 7 of row 1 of data_particles, got no such group",
    ],
    [
      "a pixel size of 0 in one of its groups",
      LABELS,
      rows,
      OPTICS.replace("0.07 3.54", "0.07 0"),
      "expected positive pixel sizes, got 0 Å; correct data_optics",
    ],
    [
      "no word on which group",
      LABELS.slice(0, 5),
      ["1@Extract/a.mrcs 1 1 0 0"],
      OPTICS,
      "expected rlnOpticsGroup in data_optics and in the particles",
    ],
    [
      "an image twice, whichever way it is written",
      LABELS,
      [...rows, "2@./Extract//a.mrcs 1 1 0 0 1"],
      OPTICS,
      "expected every image once, got 2@Extract/a.mrcs in rows 1 and 4; remove the duplicates",
    ],
    [
      "a stack shorter than the list",
      LABELS,
      [...rows, "000004@Extract/a.mrcs 1 1 0 0 1"],
      OPTICS,
      "expected at least 4 images in",
    ],
    [
      "an image without number",
      LABELS,
      ["x@Extract/a.mrcs 1 1 0 0 1"],
      OPTICS,
      'row 1: expected an image as 000001@stack.mrcs, got "x@Extract/a.mrcs"',
    ],
    ["image 0", LABELS, ["0@Extract/a.mrcs 1 1 0 0 1"], OPTICS, "expected an image as 000001@stack.mrcs"],
    [
      "a defocus that is no number",
      LABELS,
      ["1@Extract/a.mrcs nan 1 0 0 1"],
      OPTICS,
      'expected a finite number as rlnDefocusU of row 1 (counting from 1), got "nan"',
    ],
    ["no particles", LABELS, [], OPTICS, "expected at least one particle, got none"],
  ])("is refused with %s", async (_name, labels, lines, optics, message) => {
    await expect(openParticles(star(folder("p/bad.star"), labels, lines, optics))).rejects.toThrow(message);
  });

  test.each(["CtfDataArePhaseFlipped", "CtfDataAreCtfPremultiplied"])("is refused when rln%s is set", async (flag) => {
    const flagged = (value: number): string =>
      `${GROUP}_rln${flag}\n2 b 200 2 0.07 3.54 0\n1 a 300 2.7 0.1 3.54 ${value}\n`;
    const open = (value: number) => openParticles(star(folder("p/flag.star"), LABELS, rows, flagged(value)));
    await expect(open(1)).rejects.toThrow(
      `expected images as recorded, got rln${flag} = 1; extract the particles again`,
    );
    expect((await open(0)).count).toBe(3);
  });

  test("is refused when its images were rescaled and the table was not, unless the pixel size is given", async () => {
    const sized = OPTICS.replace("_rlnImagePixelSize\n", "_rlnImagePixelSize\n_rlnImageSize\n").replaceAll(
      "3.54",
      "3.54 256",
    );
    const rescaled = star(folder("p/rescaled.star"), LABELS, rows, sized);
    await expect(openParticles(rescaled)).rejects.toThrow("expected images of 256 px, as rlnImageSize says, got 4 px");
    expect((await openParticles(rescaled, { pixelSizeAngstrom: 226.56 })).pixelSizeAngstrom).toBe(226.56);
  });
});

describe("a RELION 3.0 file", () => {
  const labels = ["ImageName", "DefocusU", "Voltage", "SphericalAberration", "AmplitudeContrast"];
  stack(folder("q/a.mrcs"), 2, { pixelSizeAngstrom: 0 });
  stack(folder("q/px.mrcs"), 2, { pixelSizeAngstrom: 2.5 });

  test("has its pixel size from detector and magnification, 10,000 when that is missing", async () => {
    const both = [...labels, "DetectorPixelSize", "Magnification"];
    const path = star(folder("q/m.star"), both, ["1@a.mrcs 1e4 300 2.7 0.1 5 38168"]);
    expect((await openParticles(path)).pixelSizeAngstrom).toBeCloseTo(1.31, 4);
    const bare = star(folder("q/d.star"), both.slice(0, 6), ["1@a.mrcs 1e4 300 2.7 0.1 13.1"]);
    expect((await openParticles(bare)).pixelSizeAngstrom).toBeCloseTo(13.1, 12);
  });

  test("metadata wins over the header, the header serves when metadata is silent, the caller wins over both", async () => {
    const said = star(folder("q/said.star"), [...labels, "ImagePixelSize"], ["1@px.mrcs 1e4 300 2.7 0.1 7"]);
    const silent = star(folder("q/silent.star"), labels, ["1@px.mrcs 1e4 300 2.7 0.1"]);
    const none = star(folder("q/none.star"), labels, ["1@a.mrcs 1e4 300 2.7 0.1"]);
    expect((await openParticles(said)).pixelSizeAngstrom).toBe(7);
    expect((await openParticles(silent)).pixelSizeAngstrom).toBe(2.5);
    expect((await openParticles(said, { pixelSizeAngstrom: 9 })).pixelSizeAngstrom).toBe(9);
    await expect(openParticles(none)).rejects.toThrow(
      "expected a pixel size in the metadata or the stack, got none; pass pixelSizeAngstrom",
    );
    await expect(openParticles(said, { pixelSizeAngstrom: 0 })).rejects.toThrow(
      "pixelSizeAngstrom: expected a positive length in Å, got 0",
    );
  });

  test("without CTF columns it is refused with their names, unless the caller says there is no CTF", async () => {
    const path = star(folder("q/noctf.star"), ["ImageName", "Voltage", "SphericalAberration"], ["1@px.mrcs 300 2.7"]);
    await expect(openParticles(path)).rejects.toThrow(
      "expected the CTF columns rlnVoltage, rlnSphericalAberration, rlnAmplitudeContrast, rlnDefocusU, " +
        'got a file without rlnAmplitudeContrast, rlnDefocusU; estimate the CTF and extract again, or pass ctf: "none"',
    );
    const particles = await openParticles(path, { ctf: "none" });
    expect(particles.hasCtf).toBe(false);
    expect(ctf(particles.optics(0), particles.defocus(0))(0.1, 0.03)).toBe(1);
  });

  test("odd, oblong and mixed boxes are refused with the file that has them", async () => {
    stack(folder("q/odd.mrcs"), 2, { box: 5 });
    stack(folder("q/six.mrcs"), 2, { box: 6 });
    writeFileSync(folder("q/oblong.mrcs"), mrcBytes({ n: [4, 6, 1], values: new Float32Array(24) }));
    const ctfColumns = "1e4 300 2.7 0.1";
    const open = (...names: string[]) =>
      openParticles(
        star(
          folder("q/b.star"),
          labels,
          names.map((name) => `${name} ${ctfColumns}`),
        ),
      );
    await expect(open("1@odd.mrcs")).rejects.toThrow(
      /odd\.mrcs: expected square images with an even side, got 5×5; crop or pad/,
    );
    await expect(open("1@oblong.mrcs")).rejects.toThrow(
      /oblong\.mrcs: expected square images with an even side, got 4×6/,
    );
    await expect(open("1@px.mrcs", "1@six.mrcs")).rejects.toThrow(
      /expected images of one box, got 4 in .*px\.mrcs and 6 in .*six\.mrcs/,
    );
  });

  test("a file of other things is refused", async () => {
    const path = star(folder("q/mic.star"), ["MicrographName"], ["a.mrc"]);
    await expect(openParticles(path)).rejects.toThrow(
      "expected a table with rlnImageName, got blocks data_particles without it",
    );
  });
});

describe("a bare stack", () => {
  stack(folder("bare.mrcs"), 3, { first: 5, pixelSizeAngstrom: 4 });

  test("opens when the caller says it has no CTF, with a STAR file to export to", async () => {
    await expect(openParticles(folder("bare.mrcs"))).rejects.toThrow(
      'got a bare stack; open its .star or .cs file, pass ctfPkl (--ctf-pkl), or ctf: "none"',
    );
    const particles = await openParticles(folder("bare.mrcs"), { ctf: "none" });
    expect(particles).toMatchObject({ count: 3, box: 4, pixelSizeAngstrom: 4, hasCtf: false });
    expect(particles.readImage(2)[0]).toBe(7);
    expect(particles.keys[2]).toBe(`3@${folder("bare.mrcs")}`);
    expect(particles.star.blocks.map(({ name, table }) => [name, table?.rows.length])).toEqual([
      ["optics", 1],
      ["particles", 3],
    ]);
  });

  test("other files are refused by name", async () => {
    await expect(openParticles(folder("x.tiff"))).rejects.toThrow("expected a .star, .cs, .mrcs, .mrc or .txt file");
    await expect(openParticles(folder("none.star"))).rejects.toThrow("none.star: expected a readable file, got ENOENT");
    await expect(openParticles(folder("none.mrcs"), { ctf: "none" })).rejects.toThrow(
      "expected a readable file, got ENOENT",
    );
  });
});

describe("paths of images", () => {
  const row = (stackPath: string): string[] => [`1@${stackPath} 1e4 300 2.7 0.1`];
  const labels = ["ImageName", "DefocusU", "Voltage", "SphericalAberration", "AmplitudeContrast"];
  stack(folder("project/Extract/job1/s.mrcs"), 1, { first: 1 });
  stack(folder("elsewhere/Extract/job1/s.mrcs"), 1, { first: 2 });
  const deep = star(folder("project/Class3D/job2/run/data.star"), labels, row("Extract/job1/s.mrcs"));

  test("begin at a folder up to three above the list", async () => {
    expect((await openParticles(deep)).readImage(0)[0]).toBe(1);
  });

  test("begin at the folder the caller names, before all others", async () => {
    expect((await openParticles(deep, { dataDir: folder("elsewhere") })).readImage(0)[0]).toBe(2);
    const beside = star(folder("project/beside.star"), labels, row("Extract/job1/s.mrcs"));
    expect((await openParticles(beside)).readImage(0)[0]).toBe(1);
    expect((await openParticles(beside, { dataDir: folder("elsewhere") })).readImage(0)[0]).toBe(2);
  });

  test("may be absolute, or lead from the working folder", async () => {
    const absolute = star(folder("lists/abs.star"), labels, row(folder("elsewhere/Extract/job1/s.mrcs")));
    expect((await openParticles(absolute)).readImage(0)[0]).toBe(2);
    const local = star(
      folder("lists/a/b/c/cwd.star"),
      labels,
      row(relative(".", folder("elsewhere/Extract/job1/s.mrcs"))),
    );
    expect((await openParticles(local)).readImage(0)[0]).toBe(2);
  });

  test("fall back on the bare name beside the list or in the given folder", async () => {
    const moved = star(folder("elsewhere/Extract/job1/moved.star"), labels, row("Gone/s.mrcs"));
    expect((await openParticles(moved)).readImage(0)[0]).toBe(2);
    const away = star(folder("lists/away.star"), labels, row("Gone/s.mrcs"));
    expect((await openParticles(away, { dataDir: folder("project/Extract/job1") })).readImage(0)[0]).toBe(1);
  });

  test("that lead nowhere are refused with all that was tried", async () => {
    const lost = star(folder("lists/lost.star"), labels, row("Gone/t.mrcs"));
    const error = await openParticles(lost, { dataDir: folder("elsewhere") }).catch((e: Error) => e.message);
    for (const tried of [
      "elsewhere/Gone/t.mrcs",
      "elsewhere/t.mrcs",
      "lists/Gone/t.mrcs",
      "lists/t.mrcs",
      "Gone/t.mrcs",
    ])
      expect(error).toContain(folder(tried));
    expect(error).toMatch(/expected the stack Gone\/t\.mrcs, got no such file .*; pass the folder .* as dataDir/);
  });

  test("and numbers make one key, however they are written", () => {
    for (const name of ["12@a/b.mrcs", "000012@./a//b.mrcs", "12@a/c/../b.mrcs"])
      expect(imageKey(parseImageName(name, "f"))).toBe("12@a/b.mrcs");
    expect(parseImageName("single.mrc", "f")).toEqual({ index: 0, stack: "single.mrc" });
    expect(parseImageName("3@odd@name.mrcs", "f")).toEqual({ index: 2, stack: "odd@name.mrcs" });
  });
});

test("more stacks than files may be open at once: every image is still read", async () => {
  const count = 80;
  for (let i = 0; i < count; i++) stack(folder(`many/${i}.mrcs`), 1, { first: i });
  const labels = ["ImageName", "DefocusU", "Voltage", "SphericalAberration", "AmplitudeContrast"];
  const rows = Array.from({ length: count }, (_, i) => `1@${i}.mrcs 1e4 300 2.7 0.1`);
  const particles = await openParticles(star(folder("many/all.star"), labels, rows));
  for (const i of shuffledIndices(count, seededRandom(1))) expect(particles.readImage(i)[0]).toBe(i);
  particles.close();
});

/**
 * @file Every way in which an MRC file departs from the text of MRC2014: the rules of mrcfile's validator, one by one.
 *
 * Reading is lenient where programs in use disagree with the format (mrc-header.ts); this is for those who write files.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { IolausError } from "../core/errors.js";
import { reading } from "./file-access.js";
import { readMrcMap, statistics } from "./mrc.js";
import { HEADER_BYTES, MODE_BYTES } from "./mrc-header.js";

const STAMPS = ["44440000", "44410000", "11110000"];
const EXTENDED_TYPES = ["CCP4", "MRCO", "SERI", "AGAR", "FEI1", "FEI2", "HDF5"];

/** Deviations from MRC2014, as sentences; none for a file that complies. Reads the whole file. */
export function validateMrc(path: string): string[] {
  const head = Buffer.alloc(HEADER_BYTES);
  const fd = reading(path, () => openSync(path, "r"));
  let fileBytes: number;
  try {
    fileBytes = fstatSync(fd).size;
    const got = reading(path, () => readSync(fd, head, 0, HEADER_BYTES, 0));
    if (got < HEADER_BYTES) return [`header: expected ${HEADER_BYTES} bytes, got ${got}`];
  } finally {
    closeSync(fd);
  }
  const found = [...headerDeviations(head)];
  try {
    const { values, warnings, header } = readMrcMap(path, { permissive: true });
    found.push(...warnings.map((warning) => warning.replace(`${path}: `, "")));
    const need = header.dataOffset + values.length * MODE_BYTES.get(header.mode)!;
    if (fileBytes > need) found.push(`size: expected ${need} bytes, got ${fileBytes}`);
    found.push(...statisticsDeviations(head, values));
  } catch (error) {
    if (!(error instanceof IolausError)) throw error;
    found.push(error.message.replace(`${path}: `, ""));
  }
  return [...new Set(found)];
}

function* headerDeviations(head: Buffer): Generator<string> {
  const tag = head.toString("latin1", 208, 212);
  if (tag !== "MAP ") yield `tag: expected "MAP ", got ${JSON.stringify(tag)}`;
  const stamp = head.toString("hex", 212, 216);
  if (!STAMPS.includes(stamp)) yield `machine stamp: expected one of ${STAMPS.join(", ")}, got ${stamp}`;
  const i32 = (at: number): number => (isBigEndian(head) ? head.readInt32BE(at) : head.readInt32LE(at));
  const f32 = (at: number): number => (isBigEndian(head) ? head.readFloatBE(at) : head.readFloatLE(at));
  const whole = { nx: 0, ny: 4, nz: 8, mx: 28, my: 32, mz: 36, ispg: 88, nlabl: 220 };
  for (const [name, at] of Object.entries(whole))
    if (i32(at) < 0) yield `${name}: expected no negative number, got ${i32(at)}`;
  for (const [k, name] of ["x", "y", "z"].entries())
    if (f32(40 + 4 * k) < 0) yield `cell ${name}: expected no negative length, got ${f32(40 + 4 * k)}`;
  const axes = [i32(64), i32(68), i32(72)];
  if ([...axes].sort().join() !== "1,2,3")
    yield `mapc, mapr, maps: expected 1, 2, 3 in some order, got ${axes.join(", ")}`;
  const [group, nz, mz] = [i32(88), i32(8), i32(36)];
  if (group >= 401 && group <= 630 && nz % mz !== 0)
    yield `nz: expected a multiple of mz = ${mz} in a stack of volumes, got ${nz}`;
  yield* labelDeviations(head, i32(220));
  const version = i32(108);
  if (version !== 20140 && version !== 20141) yield `nversion: expected 20140 or 20141, got ${version}`;
  const type = head.toString("latin1", 104, 108);
  if (i32(92) > 0 && !EXTENDED_TYPES.includes(type))
    yield `exttyp: expected one of ${EXTENDED_TYPES.join(", ")}, got ${JSON.stringify(type)}`;
}

function* labelDeviations(head: Buffer, promised: number): Generator<string> {
  const labels = Array.from({ length: 10 }, (_, k) => head.toString("latin1", 224 + 80 * k, 304 + 80 * k));
  const used = labels.map((label) => label.replace(/[\0\s]+$/, "").trim() !== "");
  const count = used.filter(Boolean).length;
  if (used.lastIndexOf(true) + 1 !== count) yield "labels: expected no empty label between those with text, got one";
  if (count !== promised) yield `nlabl: expected ${count}, the labels with text, got ${promised}`;
}

/** Statistics are checked where they are not marked as unknown; mean and deviation to 1 %. */
function* statisticsDeviations(head: Buffer, values: Float32Array): Generator<string> {
  const f32 = (at: number): number => (isBigEndian(head) ? head.readFloatBE(at) : head.readFloatLE(at));
  const said = { min: f32(76), max: f32(80), mean: f32(84), rms: f32(216) };
  const real = statistics(values);
  const isClose = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-8 + 0.01 * Math.abs(b);
  if (said.rms >= 0 && !isClose(real.rms, said.rms)) yield `rms: expected ${real.rms}, got ${said.rms}`;
  if (said.min < said.max && said.min !== real.min) yield `dmin: expected ${real.min}, got ${said.min}`;
  if (said.min < said.max && said.max !== real.max) yield `dmax: expected ${real.max}, got ${said.max}`;
  if (said.mean > Math.min(said.min, said.max) && !isClose(real.mean, said.mean))
    yield `dmean: expected ${real.mean}, got ${said.mean}`;
}

function isBigEndian(head: Buffer): boolean {
  return head[212] === 0x11;
}

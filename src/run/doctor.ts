/** @file What this machine offers and what is missing, with what to do about it. */
import { spawnSync } from "node:child_process";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import * as tf from "@tensorflow/tfjs";
import { compile, type EngineName } from "../engine/compile.js";
import { type EngineFinding, judgeEngines, lookAround, preferred } from "../engine/engines.js";
import { defaultThreads } from "../engine/threads.js";
import { openKernel } from "./open-kernel.js";
import { iolausVersion, libraryVersion } from "./package-versions.js";

export interface Finding {
  readonly subject: string;
  /** "note": something optional is absent. */
  readonly status: "ok" | "note" | "problem";
  readonly text: string;
}

const LEAST_NODE = [20, 19] as const;
const LEAST_MEMORY_GB = 2;

/** Look at everything; takes about three seconds, and one more for each GPU engine. */
export async function examine(): Promise<Finding[]> {
  return [
    { subject: "iolaus", status: "ok", text: iolausVersion() },
    nodeVersion(),
    { subject: "cores", status: "ok", text: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? "unknown"}` },
    memory(),
    ...(await engines()),
    ...(await kernelParts()),
    jupyter(),
  ];
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isRecent = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  const advice = isRecent ? "" : `; install Node.js ${LEAST_NODE.join(".")} or later`;
  return { subject: "Node.js", status: isRecent ? "ok" : "problem", text: process.version + advice };
}

function memory(): Finding {
  const gigabytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
  const isEnough = totalmem() >= LEAST_MEMORY_GB * 2 ** 30;
  const text = `${gigabytes(freemem())} GB free of ${gigabytes(totalmem())} GB`;
  return { subject: "memory", status: isEnough ? "ok" : "problem", text };
}

/** Every engine, measured where it is there, and what `auto` takes. */
async function engines(): Promise<Finding[]> {
  const judged = judgeEngines(await lookAround());
  const { engine, reason } = preferred(judged);
  const found: Finding[] = [{ subject: "engine auto", status: "ok", text: `${engine}: ${reason}` }];
  for (const finding of judged) found.push(await judgedEngine(finding));
  return [...found, await measured("reference", 192)];
}

async function judgedEngine({ engine, eligible, reason }: EngineFinding): Promise<Finding> {
  if (!eligible) return { subject: `engine ${engine}`, status: "note", text: reason };
  const { text, ...rest } = await measured(engine, engine === "cpu" ? 768 : 2048);
  return { ...rest, text: engine === "cpu" ? `${text}, ${defaultThreads()} threads` : `${text}; ${reason}` };
}

/** A second of matrix products. */
async function measured(name: EngineName, side: number): Promise<Finding> {
  const subject = `engine ${name}`;
  try {
    const shapes = { a: [side, side], b: [side, side] };
    const program = await compile(({ a, b }) => ({ c: tf.matMul(a!, b!) }), shapes, { engine: name });
    const inputs = { a: new Float32Array(side ** 2).fill(0.5), b: new Float32Array(side ** 2).fill(2) };
    const { c } = await program.run(inputs);
    if (Math.abs(c![0]! - side) > 1e-3 * side) return { subject, status: "problem", text: "computes wrong numbers" };
    let runs = 0;
    const start = performance.now();
    while (performance.now() - start < 1000) {
      await program.run(inputs);
      runs++;
    }
    const rate = (2 * side ** 3 * runs) / (performance.now() - start) / 1e6;
    await program.dispose();
    return { subject, status: "ok", text: `${rate.toPrecision(3)} GFLOP/s in matrix products` };
  } catch (error) {
    return { subject, status: "problem", text: error instanceof Error ? error.message : String(error) };
  }
}

async function kernelParts(): Promise<Finding[]> {
  const tslab = libraryVersion("tslab");
  const absent = "absent; run npm ci again";
  const found: Finding = { subject: "tslab", status: tslab === null ? "problem" : "ok", text: tslab ?? absent };
  const warnings = (await openKernel()).kernelWarnings();
  if (warnings.length === 0) return [found, { subject: "kernel", status: "ok", text: "can start under Jupyter" }];
  return [found, ...warnings.map((text): Finding => ({ subject: "kernel", status: "note", text }))];
}

function jupyter(): Finding {
  const { status, stdout } = spawnSync("jupyter", ["--version"], { encoding: "utf8", timeout: 20_000 });
  const version = /jupyter_core\s*:\s*(\S+)/.exec(stdout ?? "")?.[1];
  if (status !== 0)
    return { subject: "Jupyter", status: "note", text: "absent; optional, `iolaus notebook` needs none" };
  return { subject: "Jupyter", status: "ok", text: `${version ?? "found"}; \`iolaus kernel install\` adds our kernel` };
}

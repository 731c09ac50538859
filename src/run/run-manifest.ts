/** @file run.json: what was asked, of which particles, with which programs, how long it took and how it stands. */
import { readFileSync } from "node:fs";
import { arch, cpus, hostname, platform, totalmem } from "node:os";
import { IolausError } from "../core/errors.js";
import { writeFileAtomic } from "../io/atomic.js";
import { reading } from "../io/file-access.js";
import type { ClassSummary } from "./class-summary.js";
import type { InputFingerprint } from "./input-fingerprint.js";
import { packageVersions } from "./package-versions.js";
import type { Machinery, Settings } from "./run-options.js";

/** `running` in a folder where no process runs: the run crashed. */
export type RunStatus = "running" | "done" | "stopped" | "failed";

export interface RunManifest {
  readonly kind: "iolaus-run";
  readonly status: RunStatus;
  /** Why it failed, or what stopped it. */
  readonly reason?: string;
  /** The process that computes, while it runs. */
  readonly process?: { readonly id: number; readonly host: string };
  readonly settings: Settings;
  readonly machinery: Machinery;
  readonly input: InputFingerprint;
  /** The sign the images were multiplied by, so that density is positive in every map; and what they say of it (0: nothing). */
  readonly contrast?: { readonly dataSign: 1 | -1; readonly detected: 1 | -1 | 0; readonly score: number };
  /** What was found of each class, once the run ended by itself. */
  readonly classes?: readonly ClassSummary[];
  /** Steps done, of `steps`; 0 of 0 before the first. */
  readonly step: number;
  readonly steps: number;
  readonly timings: {
    /** ISO 8601, of the first start. */
    readonly started: string;
    /** ISO 8601, of the last end. */
    readonly ended?: string;
    readonly prepareSeconds: number;
    readonly computeSeconds: number;
    /** Times the run was resumed. */
    readonly resumed: number;
  };
  /** Programs, by name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: {
    readonly platform: string;
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGb: number;
  };
}

/** The manifest of a run that begins. */
export function newManifest(settings: Settings, machinery: Machinery, input: InputFingerprint): RunManifest {
  return {
    kind: "iolaus-run",
    status: "running",
    process: thisProcess(),
    settings,
    machinery,
    input,
    step: 0,
    steps: 0,
    timings: { started: new Date().toISOString(), prepareSeconds: 0, computeSeconds: 0, resumed: 0 },
    versions: packageVersions(),
    machine: {
      platform: `${platform()} ${arch()}`,
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
    },
  };
}

export function writeManifest(path: string, manifest: RunManifest): void {
  writeFileAtomic(path, `${JSON.stringify(manifest, null, 2)}\n`);
}

export function readManifest(path: string): RunManifest {
  const text = reading(path, () => readFileSync(path, "utf8"));
  const manifest = parsed(text);
  if (manifest?.kind === "iolaus-run") return manifest;
  throw new IolausError("bad-file", `${path}: expected the manifest of a run, got something else`);
}

function parsed(text: string): RunManifest | undefined {
  try {
    return JSON.parse(text) as RunManifest;
  } catch {
    return undefined;
  }
}

export function thisProcess(): { readonly id: number; readonly host: string } {
  return { id: process.pid, host: hostname() };
}

/** Whether the process that wrote `running` is still there; on another machine, nobody can tell. */
export function isAlive(manifest: RunManifest): boolean {
  const { status, process: owner } = manifest;
  if (status !== "running" || owner === undefined || owner.host !== hostname() || owner.id === process.pid)
    return false;
  try {
    process.kill(owner.id, 0);
    return true;
  } catch {
    return false;
  }
}

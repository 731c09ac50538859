/**
 * @file ONNX Runtime sessions, shared: equal programs of equal shapes on one engine have one session between them.
 *
 * What counts is the recorded graph, so a program that closes over other numbers is another program. A session that
 * nobody uses any more is kept for a while, in case the same program comes again.
 */
import { createHash } from "node:crypto";
import * as ort from "onnxruntime-node";
import { IolausError } from "../core/errors.js";

export interface SharedSession {
  readonly session: ort.InferenceSession;
  /** Say that this user is done with it. */
  release(): Promise<void>;
}

export interface SessionOptions {
  /** ONNX Runtime's execution provider. */
  readonly provider: "cpu" | "webgpu" | "cuda";
  readonly threads: number;
  /** Whether a factor that the model turns about is turned about, not made into a product that reads columns. */
  readonly keepTurned: boolean;
  /** For messages. */
  readonly name: string;
}

interface Entry {
  readonly session: Promise<ort.InferenceSession>;
  users: number;
}

/** Unused sessions kept; each holds its constants and its working memory. */
const IDLE_SESSIONS = 4;

/** By content; the longest unused first. */
const entries = new Map<string, Entry>();

export async function shareSession(model: Uint8Array, options: SessionOptions): Promise<SharedSession> {
  const digest = createHash("sha256").update(model).digest("hex");
  const key = `${options.provider} ${options.threads} ${options.keepTurned} ${digest}`;
  const entry = entries.get(key) ?? { session: createSession(model, options), users: 0 };
  entries.delete(key);
  entries.set(key, entry);
  entry.users++;
  try {
    const session = await entry.session;
    return {
      session,
      release: async () => {
        entry.users--;
        await releaseIdle(IDLE_SESSIONS);
      },
    };
  } catch (error) {
    entries.delete(key);
    throw error;
  }
}

/** Sessions in memory, used and unused. */
export function sessionCount(): number {
  return entries.size;
}

/** Give back the memory of programs that were disposed. */
export async function releaseIdleSessions(): Promise<void> {
  await releaseIdle(0);
}

async function releaseIdle(keep: number): Promise<void> {
  const idle = [...entries].filter(([, entry]) => entry.users === 0);
  for (const [key, entry] of idle.slice(0, Math.max(0, idle.length - keep))) {
    entries.delete(key);
    await (await entry.session).release();
  }
}

async function createSession(
  model: Uint8Array,
  { provider, threads, keepTurned, name }: SessionOptions,
): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, {
      executionProviders: provider === "cpu" ? ["cpu"] : [provider, "cpu"],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
      extra: {
        session: {
          // From one operator to the next a thread waits awake; for longer it would steal the cores of worker threads.
          intra_op: { allow_spinning: "1", spin_duration_us: "100" },
          set_denormal_as_zero: "1",
        },
        optimization: { disable_specified_optimizers: keepTurned ? "GemmTransposeFusion;MatmulTransposeFusion" : "" },
      },
    });
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    if (/WebGPU adapter/.test(text))
      throw new IolausError("unsupported", `engine: expected a graphics driver for webgpu, got none; ${DRIVER}`, {
        cause,
      });
    throw new IolausError("internal", `${name}: ONNX Runtime refused the recorded program: ${cause}`, { cause });
  }
}

const DRIVER = "install the Vulkan driver of your GPU (Linux), or use the engine cpu";

/**
 * @file The Jupyter kernel's process: `node start.js CONNECTION_FILE`.
 *
 * Stop (SIGINT) ends the runs the cell waits for; where there are none, it ends the cell. A shutdown or a restart ends all
 * runs. Either way the process of a run leaves a checkpoint.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ZmqServer } from "tslab/dist/jupyter.js";
import { completeProtocol, loseNoOutput, type ServerInside } from "./jupyter-protocol.js";
import { stopAllRuns } from "./live-runs.js";
import { sendPlotlyLibrary } from "./rich-display.js";
import { openSession } from "./tslab-session.js";

/** Time for the last messages to leave. */
const FLUSH_MS = 100;

const session = openSession(process.cwd());
const server = new ZmqServer(session.handler, process.argv[2] ?? "");
const inside = server as unknown as ServerInside;
completeProtocol(inside, session, () => void end());
sendPlotlyLibrary();
process.on("SIGINT", () => void session.interrupt());
process.on("SIGTERM", () => void end());
process.on("uncaughtException", (error) => console.error("UncaughtException:", error));
process.on("unhandledRejection", (reason) => console.error("UnhandledPromiseRejection:", reason));
await session.ready;
await server.init();
loseNoOutput(inside.iopub);

async function end(): Promise<void> {
  await Promise.all([stopAllRuns(), sleep(FLUSH_MS)]);
  process.exit();
}

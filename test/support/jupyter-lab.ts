/** @file A JupyterLab of its own for a test: no token, no news from outside, a strict content-security policy, our kernel. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installKernel } from "../../kernel/install.js";

/** Where JupyterLab may be: on the path, or in an environment of its own (.ci/run makes it). */
const PLACES = [...(process.env["PATH"] ?? "").split(":"), "/opt/jupyterlab/bin"].map((folder) =>
  join(folder, "jupyter-lab"),
);

/** The program, or undefined where JupyterLab is not installed. */
export const jupyterLab: string | undefined = PLACES.find((path) => existsSync(path));

/** Nothing from outside. JupyterLab itself makes functions from text and styles inline. */
export const strictPolicy: readonly string[] = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "frame-ancestors 'self'",
];

export interface LabServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Serve `folder`. `connect`: what pages may speak to besides the server. */
export async function startLab(folder: string, connect = ""): Promise<LabServer> {
  const port = await freePort();
  installKernel({ prefix: join(folder, ".prefix") });
  const policy = [...strictPolicy, `connect-src 'self' ws://127.0.0.1:${port} ${connect}`].join("; ");
  const config = join(folder, ".config");
  mkdirSync(config, { recursive: true });
  const settings = { headers: { "Content-Security-Policy": policy } };
  writeFileSync(
    join(config, "jupyter_server_config.json"),
    JSON.stringify({
      ServerApp: {
        tornado_settings: settings,
        root_dir: folder,
        open_browser: false,
        allow_root: true,
        port,
        port_retries: 0,
        ip: "127.0.0.1",
      },
      IdentityProvider: { token: "" },
      LabApp: {
        expose_app_in_browser: true,
        news_url: null,
        check_for_updates_class: "jupyterlab.NeverCheckForUpdate",
        collaborative: false,
      },
    }),
  );
  // Every output in the page, also those out of sight.
  const plugin = join(config, "lab", "user-settings", "@jupyterlab", "notebook-extension");
  mkdirSync(plugin, { recursive: true });
  writeFileSync(join(plugin, "tracker.jupyterlab-settings"), JSON.stringify({ windowingMode: "none" }));
  const env = {
    ...process.env,
    HOME: folder,
    JUPYTER_CONFIG_DIR: config,
    JUPYTER_PATH: join(folder, ".prefix", "share", "jupyter"),
    JUPYTER_DATA_DIR: join(folder, ".data"),
    JUPYTER_RUNTIME_DIR: join(folder, ".runtime"),
    NODE_OPTIONS: "",
  };
  const server = spawn(jupyterLab ?? "jupyter-lab", [], { env, stdio: ["ignore", "ignore", "pipe"] });
  let words = "";
  server.stderr.on("data", (piece: Buffer) => (words = (words + piece).slice(-4000)));
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 600; tries++) {
    if (server.exitCode !== null) throw new Error(`jupyter-lab ended: ${words}`);
    const isUp = await fetch(`${url}/api/status`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return { url, stop: () => stop(server) };
    await sleep(200);
  }
  await stop(server);
  throw new Error(`jupyter-lab does not answer: ${words}`);
}

async function stop(server: ChildProcess): Promise<void> {
  const end = new Promise((done) => server.once("exit", done));
  server.kill("SIGTERM");
  const force = setTimeout(() => server.kill("SIGKILL"), 15_000);
  await end;
  clearTimeout(force);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/**
 * @file How a page reaches the kernel: a loopback port that takes the outline a reader has drawn.
 *
 * The kernel cannot be spoken to from a figure (tslab has no comms), so it listens itself: on 127.0.0.1 alone, for POSTs
 * that carry a secret which only the figure knows, from pages of this machine or through Jupyter's own proxy
 * (jupyter-server-proxy, `proxy/PORT/`), and from no other origin.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Longest message, bytes. */
const LONGEST = 100_000;

/** Where a page sends what was drawn. */
export interface Door {
  readonly port: number;
  /** Path, with the secret. */
  readonly path: string;
}

/** What was drawn arrives as text; an Error that `receive` throws is the answer the page shows. */
export type Receive = (body: string) => void;

const doors = new Map<string, Receive>();
let listening: Promise<Server> | undefined;

/** A way in for one figure. The port opens with the first and keeps no process alive. */
export async function openDoor(receive: Receive): Promise<Door> {
  listening ??= listen();
  const { port } = (await listening).address() as AddressInfo;
  const secret = randomBytes(24).toString("hex");
  doors.set(secret, receive);
  return { port, path: `/selection/${secret}` };
}

async function listen(): Promise<Server> {
  const server = createServer((request, response) => void answer(request, response));
  server.unref();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { origin } = request.headers;
  if (!isOurs(request)) return end(response, 403, "expected a page of this machine or of its Jupyter");
  if (origin !== undefined) {
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.setHeader("Access-Control-Allow-Private-Network", "true");
    response.setHeader("Vary", "Origin");
  }
  const receive = doorOf(request.url ?? "");
  if (receive === undefined) return end(response, 404, "expected the secret of a figure of this kernel");
  if (request.method === "OPTIONS") return end(response, 204, "");
  if (request.method !== "POST") return end(response, 405, "expected POST");
  const body = await read(request);
  if (body === undefined) return end(response, 413, `expected at most ${LONGEST} bytes`);
  try {
    receive(body);
    end(response, 200, "received");
  } catch (error) {
    end(response, 400, error instanceof Error ? error.message : String(error));
  }
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff" });
  response.end(text);
}

/**
 * Programs name no origin. A browser names the page's; through Jupyter's proxy the page is of the same origin, as the browser
 * says itself, or, where the hub speaks plain HTTP, as the host shows that the proxy passes on with a path of its own.
 */
function isOurs({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  const site = headers["sec-fetch-site"];
  if (site === "same-origin" || origin === undefined) return site === "same-origin" || site === undefined;
  const isProxied = headers["x-forwarded-context"] !== undefined || headers["x-proxycontextpath"] !== undefined;
  return isLocal(origin) || (site === undefined && isProxied && origin === `http://${host}`);
}

function isLocal(origin: string): boolean {
  if (!URL.canParse(origin)) return false; // "null": a page in a sandbox or a file
  const { hostname, protocol } = new URL(origin);
  return protocol === "vscode-webview:" || ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}

function doorOf(url: string): Receive | undefined {
  const given = Buffer.from(url);
  for (const [secret, receive] of doors) {
    const wanted = Buffer.from(`/selection/${secret}`);
    if (wanted.length === given.length && timingSafeEqual(wanted, given)) return receive;
  }
  return undefined;
}

async function read(request: IncomingMessage): Promise<string | undefined> {
  let text = "";
  for await (const piece of request.setEncoding("utf8")) {
    text += piece;
    if (text.length > LONGEST) return undefined;
  }
  return text;
}

import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { openDoor } from "../../../kernel/selection-port.js";

const received: string[] = [];
const door = await openDoor((body) => {
  if (body === "nonsense") throw new Error("selection: expected an outline, got <b>nonsense</b>");
  received.push(body);
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

function knock(
  headers: Record<string, string> = {},
  { path = door.path, method = "POST", body = "outline", host = "127.0.0.1" } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host, port: door.port, path, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece) => (text += piece));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    });
    sent.on("error", reject).end(method === "POST" ? body : undefined);
  });
}

test("takes an outline from a page of this machine, which may read the answer", async () => {
  for (const origin of ["http://localhost:8888", "http://127.0.0.1:9", "http://[::1]:1", "vscode-webview://abc"]) {
    const { status, headers } = await knock({ origin });
    expect([status, headers["access-control-allow-origin"]]).toEqual([200, origin]);
  }
  expect(received).toEqual(["outline", "outline", "outline", "outline"]);
});

test("takes it through Jupyter's proxy: the browser says that page and address are of one origin", async () => {
  const proxied = { origin: "https://hub.example.org", "sec-fetch-site": "same-origin" };
  expect((await knock(proxied)).status).toBe(200);
});

test("takes it through the proxy of a hub without TLS, whose browser says nothing: origin and host are one", async () => {
  const hub = { origin: "http://node17:8888", host: "node17:8888", "x-forwarded-context": "/proxy/1" };
  expect((await knock(hub)).status).toBe(200);
  const { "x-forwarded-context": _, ...unproxied } = hub;
  for (const headers of [unproxied, { ...hub, origin: "http://evil.example:8888" }, { ...hub, origin: "null" }])
    expect((await knock(headers)).status).toBe(403);
  expect((await knock({ ...hub, "sec-fetch-site": "cross-site" })).status).toBe(403);
});

test("refuses pages of other origins, even with the secret, and does not let them read why", async () => {
  const before = received.length;
  for (const origin of [
    "https://evil.example",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "null",
    "file://",
    "http://10.0.0.1",
  ]) {
    const { status, headers } = await knock({ origin, "sec-fetch-site": "cross-site" });
    expect([status, headers["access-control-allow-origin"]], origin).toEqual([403, undefined]);
  }
  expect((await knock({ "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect(received.length).toBe(before);
});

test("without the secret nothing is taken", async () => {
  const before = received.length;
  const wrong = door.path.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  for (const path of ["/", "/selection/", "/selection", wrong, `${door.path}0`, `${door.path}?x`, `/x${door.path}`])
    expect((await knock({}, { path })).status, path).toBe(404);
  expect(received.length).toBe(before);
});

test("each figure has a secret of its own, 24 random bytes", async () => {
  const other = await openDoor(() => {});
  expect(other.path).toMatch(/^\/selection\/[0-9a-f]{48}$/);
  expect(other.path).not.toBe(door.path);
  expect(other.port).toBe(door.port);
});

test("listens on 127.0.0.1 alone", async () => {
  const others = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4");
  for (const { address } of others) await expect(knock({}, { host: address })).rejects.toThrow(/ECONNREFUSED/);
  await expect(knock({}, { host: "::1" })).rejects.toThrow(/ECONNREFUSED|EADDRNOTAVAIL|ENETUNREACH/);
});

test("answers a browser's question before a POST, refuses other methods and long messages", async () => {
  const origin = "http://localhost:8888";
  const asked = await knock({ origin, "access-control-request-method": "POST" }, { method: "OPTIONS" });
  expect([asked.status, asked.headers["access-control-allow-private-network"]]).toEqual([204, "true"]);
  expect((await knock({ origin }, { method: "GET" })).status).toBe(405);
  expect((await knock({ origin }, { body: "x".repeat(100_001) })).status).toBe(413);
});

test("what the figure refuses comes back as plain text", async () => {
  const { status, text, headers } = await knock({}, { body: "nonsense" });
  expect([status, text]).toEqual([400, "selection: expected an outline, got <b>nonsense</b>"]);
  expect([headers["content-type"], headers["x-content-type-options"]]).toEqual([
    "text/plain; charset=utf-8",
    "nosniff",
  ]);
});

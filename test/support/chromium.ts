/** @file Debian's Chromium, headless and without a network, to see pages as a reader does. */
import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium } from "playwright-core";

const executablePath = "/usr/bin/chromium";

export const chromiumAvailable: boolean = existsSync(executablePath);

const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--enable-unsafe-swiftshader", // WebGL without a graphics card
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Call `look` with a fresh browser, scripts on or off; every request that leaves the machine fails. */
export async function inChromium<T>(scripts: boolean, look: (browser: BrowserContext) => Promise<T>): Promise<T> {
  const browser = await chromium.launch({ executablePath, args });
  try {
    return await look(await browser.newContext({ javaScriptEnabled: scripts, offline: true }));
  } finally {
    await browser.close();
  }
}

/** A browser that reaches this machine and nothing else. Close it. */
export async function localChromium(): Promise<Browser> {
  const rules = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1";
  return chromium.launch({ executablePath, args: [...args, rules] });
}

/**
 * @file The part of a selectable figure that runs in the page: a line of tools below the figure, which sends the outline
 * to the kernel, through Jupyter's proxy or straight, and offers it as text where neither leads there.
 */
import type { Door } from "./selection-port.js";

/** HTML for the end of the figure's output. */
export function selectionScript(figure: string, { port, path }: Door, mark: string, digits: number): string {
  const words = [figure, port, path, mark, digits].map((word) => JSON.stringify(word)).join(",");
  return `<div data-iolaus-tools="${figure}"></div>\n<script>(${tools})(${words})</script>`;
}

/** Runs in the page. Corners are thinned to 80, as in outline-token.ts. */
const tools = `(figure, port, path, mark, digits) => {
  const config = document.getElementById("jupyter-config-data");
  const base = document.body.dataset.baseUrl || (config && JSON.parse(config.textContent).baseUrl) || "/";
  const proxied = base + "proxy/" + port + path, direct = "http://127.0.0.1:" + port + path;
  const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  const send = async (token) => {
    for (const url of isHere ? [direct, proxied] : [proxied, direct])
      try {
        const answer = await fetch(url, { method: "POST", body: token, headers: { "Content-Type": "text/plain" } });
        if (answer.ok) return "sent to the notebook";
        if (answer.status === 400) return await answer.text();
      } catch {}
    return "the kernel cannot be reached from this page: copy the outline into selection(…)";
  };
  const tokenOf = ({ lassoPoints, range }) => {
    const [xs, ys] = lassoPoints
      ? [lassoPoints.x, lassoPoints.y]
      : [[range.x[0], range.x[1], range.x[1], range.x[0]], [range.y[0], range.y[0], range.y[1], range.y[1]]];
    const every = Math.max(1, Math.ceil(xs.length / 80));
    const corner = (x, i) => Number(x.toFixed(digits)) + "," + Number(ys[i].toFixed(digits));
    return [mark, ...Array.from(xs, corner).filter((_, i) => i % every === 0)].join(" ");
  };
  const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });
  const equip = (plot) => {
    const line = plot.closest("[data-iolaus-figure]").parentElement.querySelector('[data-iolaus-tools="' + figure + '"]');
    line.replaceChildren(element("span", "Draw an outline around points (lasso or box)."));
    plot.on("plotly_selected", (event) => {
      if (!event || !(event.lassoPoints || event.range)) return;
      const token = tokenOf(event);
      const state = element("span", event.points.length + " points inside. ");
      const use = element("button", "Send to the notebook"), copy = element("button", "Copy the outline");
      const text = Object.assign(element("input"), { value: token, readOnly: true, size: 24 });
      use.onclick = async () => (state.textContent = event.points.length + " points inside, " + (await send(token)) + ". ");
      copy.onclick = () => navigator.clipboard ? navigator.clipboard.writeText(token) : text.select();
      line.replaceChildren(state, use, copy, text);
    });
  };
  const watch = () => {
    for (const box of document.querySelectorAll('[data-iolaus-figure="' + figure + '"]')) {
      const plot = box.querySelector(".js-plotly-plot");
      if (plot && box.dataset.live === "drawn") equip(plot);
      else box.addEventListener("iolaus-drawn", () => equip(box.querySelector(".js-plotly-plot")), { once: true });
    }
  };
  watch();
}`;

/** @file What Jupyter is told of the kernel: how to start it, and what its language is called. */
import { builtFile } from "./package-root.js";
import { preludeSwitch } from "./prelude.js";

export const kernelName = "iolaus";
const displayName = "Iolaus (TypeScript)";

/** kernel.json. It holds the paths of this Node.js and this installation. */
export function kernelspec(prelude: boolean): object {
  return {
    argv: [process.execPath, "--disable-warning=ExperimentalWarning", builtFile("start.js"), "{connection_file}"],
    display_name: displayName,
    language: "typescript",
    interrupt_mode: "signal",
    ...(!prelude && { env: { [preludeSwitch]: "off" } }),
  };
}

/** The notebook metadata that names the kernel. */
export const kernelLanguage: Readonly<Record<string, object>> = {
  kernelspec: { name: kernelName, display_name: displayName, language: "typescript" },
  language_info: {
    name: "typescript",
    file_extension: ".ts",
    mimetype: "text/typescript",
    codemirror_mode: { mode: "typescript", name: "javascript", typescript: true },
  },
};

/**
 * @file The way from src/ up to kernel/, which stands above every folder of src/: loaded when asked for, not imported.
 *
 * These are the parts of kernel/index.ts that the command line and the demo use, with the meaning given there.
 */

export interface KernelDoor {
  runNotebook(path: string, options?: RunNotebookRequest): Promise<{ readonly seconds: number }>;
  installKernel(place?: KernelPlace): { readonly folder: string; readonly warnings: readonly string[] };
  uninstallKernel(place?: KernelPlace): string | null;
  kernelWarnings(): readonly string[];
  serveNotebooks(folder: string): Promise<{ readonly url: string; close(): void }>;
}

export interface RunNotebookRequest {
  readonly output?: string;
  readonly html?: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
  readonly interactive?: boolean;
  readonly prelude?: boolean;
  readonly onCell?: (cell: { readonly number: number; readonly count: number; readonly source: string }) => void;
  readonly onText?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface KernelPlace {
  readonly prefix?: string;
  readonly system?: boolean;
  readonly prelude?: boolean;
}

/** The built kernel/, also when src/ runs from its sources. */
export async function openKernel(): Promise<KernelDoor> {
  const built: string = "#iolaus/kernel/index.js";
  return (await import(built)) as KernelDoor;
}

import type { GeneratorConfig } from "./config.ts";

/** `onnx:PATH` => PATH. */
export const onnxPath = (text: string): string => text.slice("onnx:".length);

/** Path of the frozen network that a generator learns by; null for none. */
export const frozenPath = ({ frozen }: { readonly frozen: string | null }): string | null =>
  frozen === null ? null : onnxPath(frozen);

/** Files and folders that a generator is made of: its run, or its start and the frozen network that it learns by. */
export function generatorPaths(generator: GeneratorConfig): string[] {
  if (generator.from === "run") return [generator.run];
  return [generator.start, frozenPath(generator)].filter((path) => path !== null);
}

/** The same generator with each of these paths changed. */
export function withPaths(generator: GeneratorConfig, change: (path: string) => string): GeneratorConfig {
  if (generator.from === "run") return { ...generator, run: change(generator.run) };
  const { start } = generator;
  const frozen = frozenPath(generator);
  return {
    ...generator,
    start: start === null ? null : change(start),
    frozen: frozen === null ? null : `onnx:${change(frozen)}`,
  };
}

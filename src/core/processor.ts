import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";

/** What is known of a processor. */
export interface Processor {
  /** As the system names it. */
  readonly model: string;
  /** Logical cores. */
  readonly logical: number;
  /** Physical cores that this process may use: a core counts once, whatever it runs at the same time. */
  readonly cores: number;
  /** Instruction sets of vectors, e.g. `avx2`; null where the system does not say. */
  readonly vectors: readonly string[] | null;
}

const VECTORS = ["sse4_2", "avx", "fma", "avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "asimd", "sve"];

/**
 * The processor that this process runs on. Linux tells of physical cores, quotas and instruction sets; elsewhere every
 * logical core counts as one.
 */
export function processor(): Processor {
  const info = readOr("/proc/cpuinfo", "");
  const logical = cpus().length;
  const allowed = Math.min(availableParallelism(), quota());
  return {
    model: cpus()[0]?.model.trim() || "unknown",
    logical,
    cores: Math.max(1, Math.min(allowed, physicalCores(info) ?? logical)),
    vectors: vectorsOf(info),
  };
}

/** @param info Text of `/proc/cpuinfo`. @returns null where it does not name cores */
export function physicalCores(info: string): number | null {
  const cores = info.split(/\n\s*\n/).flatMap((block) => {
    const id = /^core id\s*:\s*(\d+)/m.exec(block)?.[1];
    return id === undefined ? [] : [`${/^physical id\s*:\s*(\d+)/m.exec(block)?.[1] ?? 0}/${id}`];
  });
  return cores.length === 0 ? null : new Set(cores).size;
}

/** @param info Text of `/proc/cpuinfo`. */
export function vectorsOf(info: string): string[] | null {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(info)?.[1];
  if (line === undefined) return null;
  const words = new Set(line.trim().split(/\s+/));
  return VECTORS.filter((name) => words.has(name));
}

/** Whole cores that a container of Linux (cgroup version 2) grants; infinite without a limit. */
function quota(): number {
  const [granted, period] = readOr("/sys/fs/cgroup/cpu.max", "max 1").split(/\s+/).map(Number);
  return Number.isFinite(granted) ? Math.max(1, Math.floor(granted! / period!)) : Number.POSITIVE_INFINITY;
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}

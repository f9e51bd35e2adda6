import { counted } from "../core/counted.ts";
import type { GanglionError, Problem } from "../core/errors.ts";
import { imageKind } from "./layout/image-kinds.ts";

/** Problems in the order of their images, whichever was decoded first. */
export function inOrder(problems: ReadonlyMap<number, Problem>): Problem[] {
  return [...problems].sort(([a], [b]) => a - b).map(([, problem]) => problem);
}

/** The problem that a failed image comes to. */
export function asProblem(cause: GanglionError, path: string): Problem {
  return cause.problems[0] ?? { code: "unreadable-image", path, message: cause.message };
}

/** Reasons for which files are left out, in words, by the code of their problem. */
const REASONS: Readonly<Record<string, string>> = {
  "annex-pointer": "pointer of git-annex",
  "cut-short": "cut short",
  "damaged-image": "damaged or cut short",
  "empty-file": "empty",
  "image-format": "no image of a kind that is read",
  "image-size": "too large",
  "lfs-pointer": "pointer of Git LFS",
  "mask-size": "mask of another size",
  "not-dicom": "not DICOM",
  "other-format": "another kind of file under this name",
  "pixel-not-finite": "pixels that are no numbers",
  "pixel-range": "pixels out of range",
  "server-message": "message of a server",
  "web-page": "web page",
  "zero-bytes": "only zeros",
};

/** `left out as damaged: 2 PNG (pointer of Git LFS), 1 JPEG (web page)`; null where there are no problems. */
export function leftOutDamaged(problems: readonly Problem[]): string | null {
  const counts = new Map<string, number>();
  for (const { code, path } of problems) {
    const key = `${imageKind(path)?.name ?? "file"} (${REASONS[code] ?? code.replaceAll("-", " ")})`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  if (counts.size === 0) return null;
  return `left out as damaged: ${[...counts].map(([what, n]) => counted(n, what, what.replace(/^file /, "files "))).join(", ")}`;
}

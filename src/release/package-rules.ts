import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GanglionError } from "../core/errors.ts";
import { listFiles } from "../core/list-files.ts";
import { Reasons } from "./gate/reasons.ts";
import { strangeChunks } from "./png-chunks.ts";

/** Files that a release may hold. */
const ALLOWED = /\.(png|csv|json|md|dcm)$|(^|\/)(LICENSE|SHA256SUMS|DICOMDIR)$|^generator\/generator\.onnx$/;
const TEXT = /\.(csv|json|md)$|LICENSE$/;
/** A path from the root of a system, alone or after a quote, a space or a bracket. */
const ABSOLUTE = /(^|[\s"'`(=,|])(\/[^\s"'`/|]+){2,}|(^|[\s"'`(=,|])[A-Za-z]:\\|file:\/\//m;

/**
 * Last look at a package before it takes its name, whoever wrote it: only files that a release has, pictures of pixels alone,
 * no path of this machine and none of the names that must stay inside.
 * @param secrets Text that must be in no file: paths of the inputs, names of training images.
 * @throws GanglionError `refused` with all findings
 */
export async function checkPackage(folder: string, secrets: readonly string[]): Promise<void> {
  const reasons = new Reasons();
  const groups = { strange: [] as string[], chunks: [] as string[], path: [] as string[], secret: [] as string[] };
  for (const { name, kind } of await listFiles(folder)) {
    const hidden = name.split("/").some((part) => part.startsWith("."));
    if (kind !== "file" || hidden || !ALLOWED.test(name)) {
      groups.strange.push(name);
      continue;
    }
    const bytes = await readFile(join(folder, name));
    if (name.endsWith(".png") && strangeChunks(bytes).length > 0) groups.chunks.push(name);
    if (TEXT.test(name) && ABSOLUTE.test(bytes.toString("utf8"))) groups.path.push(name);
    if (!name.endsWith(".png") && secrets.some((secret) => bytes.includes(secret))) groups.secret.push(name);
  }
  reasons.each("strange-file", "package", groups.strange, "a release holds no such file");
  reasons.each("png-chunk", "package", groups.chunks, "the image file contains more than pixels");
  reasons.each(
    "absolute-path",
    "package",
    groups.path,
    "the file names a path of a machine; look at what --config and the columns say",
  );
  reasons.each(
    "inside-name",
    "package",
    groups.secret,
    "the file names an input or a training image; look at what --config and the columns say",
  );
  const { problems } = reasons;
  if (problems.length === 0) return;
  const lines = problems.map(({ code, path, message }) => `  ${path}: ${message} [${code}]`);
  throw new GanglionError("refused", ["the package is not released", ...lines].join("\n"), { problems });
}

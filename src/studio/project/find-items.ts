import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { z } from "zod";
import { orUnusable, readJsonInside, readStartInside, statInside } from "../../core/inside-folder.ts";
import { PROVENANCE } from "../../sample/provenance.ts";
import type { Item } from "../project-api.ts";
import { findFolders } from "../server/find-folders.ts";
import { folderId } from "../server/folder-id.ts";
import { UPLOADS_FOLDER } from "../uploads/upload-limits.ts";
import { leftOutName } from "./left-out.ts";

/** Something that a command wrote or reads, in a project. */
export interface FoundItem extends Item {
  /** Real path. */
  readonly folder: string;
  /** When what it is known by was last written, in milliseconds since 1970. */
  readonly at: number;
  /** Content hash of the synthetic set that it is about; of reports, audits and releases. */
  readonly about: string | null;
  /** SHA-256 of the generator that drew it; of sets. */
  readonly generator: string | null;
  /** In figures or words, for the page. */
  readonly facts: Readonly<Record<string, string | number>>;
}

const hashed = z.looseObject({ hash: z.string(), n: z.number() });
const metricsSchema = z.looseObject({
  synthetic: hashed,
  verdict: z.looseObject({ grade: z.string() }).nullish(),
});
const auditSchema = z.looseObject({
  synthetic: hashed,
  findings: z.array(z.looseObject({ severity: z.string() })),
  verdict: z.string(),
});
const releaseSchema = z.looseObject({
  audited: z.looseObject({ hash: z.string() }),
  images: z.array(z.unknown()),
});
const releasedSchema = z.looseObject({ file_name: z.string() });
const recordSchema = z.looseObject({ generator: z.string() });

/** Bytes of a `provenance.jsonl` that hold its first line. */
const FIRST_LINE = 4096;

const timeOf = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.mtimeMs ?? 0;

async function readAs<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<T | null> {
  const value = await orUnusable(readJsonInside(folder, name)).catch(() => null);
  return schema.safeParse(value).data ?? null;
}

/** Generator that drew the first image of a set; null where none is stated. */
async function generatorOf(folder: string): Promise<string | null> {
  const start = await readStartInside(folder, PROVENANCE, FIRST_LINE).catch(() => Buffer.alloc(0));
  try {
    return recordSchema.parse(JSON.parse(start.toString("utf8").split("\n", 1)[0]!)).generator;
  } catch {
    return null;
  }
}

/** Whether a set holds real images too, which `ganglion balance` names in a column of their own. */
async function isBalanced(folder: string): Promise<boolean> {
  const start = await readStartInside(folder, "metadata.csv", FIRST_LINE).catch(() => Buffer.alloc(0));
  return start.toString("utf8").split(/\r?\n/, 1)[0]!.split(",").includes("source");
}

type About = Pick<FoundItem, "kind" | "at" | "about" | "generator" | "facts">;

/** What a folder is, by the files that commands write; null for none of these. Runs and real datasets are told elsewhere. */
async function written(folder: string, names: ReadonlySet<string>): Promise<About | null> {
  const none = { about: null, generator: null, facts: {} };
  if (names.has("audit.json")) {
    const audit = await readAs(folder, "audit.json", auditSchema);
    if (audit === null) return null;
    const critical = audit.findings.filter(({ severity }) => severity === "critical").length;
    const facts = { verdict: audit.verdict, critical };
    return { ...none, kind: "audit", at: await timeOf(join(folder, "audit.json")), about: audit.synthetic.hash, facts };
  }
  if (names.has("metrics.json")) {
    const metrics = await readAs(folder, "metrics.json", metricsSchema);
    if (metrics === null) return null;
    const facts = { grade: metrics.verdict?.grade ?? "unknown" };
    const at = await timeOf(join(folder, "metrics.json"));
    return { ...none, kind: "report", at, about: metrics.synthetic.hash, facts };
  }
  if (names.has("SHA256SUMS") && names.has("provenance.json")) {
    const release = await readAs(folder, "provenance.json", releaseSchema);
    if (release === null) return null;
    // Its records name images as the set does, its objects are named alike.
    const first = releasedSchema.safeParse(release.images[0]).data?.file_name.replace(/\.[^./]*$/, ".dcm");
    const isDicom = first !== undefined && (await statInside(folder, first).catch(() => null)) !== null;
    const facts = { images: release.images.length, isDicom: isDicom ? 1 : 0 };
    return {
      ...none,
      kind: "release",
      at: await timeOf(join(folder, "SHA256SUMS")),
      about: release.audited.hash,
      facts,
    };
  }
  if (names.has(PROVENANCE)) {
    const at = await timeOf(join(folder, "metadata.csv"));
    const kind = (await isBalanced(folder)) ? "balanced" : "set";
    return { ...none, kind, at, generator: await generatorOf(folder) };
  }
  return null;
}

/** Entries of a folder that are folders, no links and not hidden. */
async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((one) => one.isDirectory() && !one.name.startsWith(".")).map(({ name }) => join(folder, name));
}

/** Configurations of studies right in a folder: small files of JSON that say so. */
async function studyPlans(project: string): Promise<string[]> {
  const entries = await readdir(project, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((one) => one.isFile() && /^[^.].*\.json$/i.test(one.name)).map(({ name }) => name);
  const found: string[] = [];
  for (const name of names.slice(0, MOST_LOOKED_INTO)) {
    const start = await readStartInside(project, name, FIRST_LINE).catch(() => Buffer.alloc(0));
    if (/"format"\s*:\s*"ganglion\.study\/1"/.test(start.toString("utf8"))) found.push(name);
  }
  return found.sort();
}

/** Most sub-folders of one that is looked into: a folder of classes or of images holds no results. */
const MOST_LOOKED_INTO = 32;

/**
 * What lies in a project, one level deep, and two in folders that are nothing themselves, as `ganglion demo` writes one.
 * @param project Real path.
 */
export async function findItems(project: string): Promise<FoundItem[]> {
  const { runs, datasets } = await findFolders(project, { deep: true, mayBeEmpty: true });
  const items: FoundItem[] = [];
  const add = (folder: string, about: About) =>
    items.push({ ...about, folder, path: relative(project, folder) || ".", id: folderId(folder) });
  const addFile = (name: string, kind: "left-out" | "study-plan") =>
    items.push({
      ...{ kind, at: 0, about: null, generator: null, facts: {} },
      ...{ folder: join(project, name), path: name, id: folderId(join(project, name)) },
    });
  const taken = new Set<string>();
  const look = async (folder: string): Promise<void> => {
    const names = new Set(await readdir(folder).catch(() => []));
    const about = await written(folder, names);
    if (about === null) return;
    taken.add(folder);
    add(folder, about);
    // What a PACS takes is offered where it is sent.
    if (about.kind === "release" && about.facts.isDicom === 1) add(folder, { ...about, kind: "dicom-release" });
  };
  for (const folder of await foldersIn(project)) {
    // What was uploaded is a source, whatever it is.
    if (basename(folder) === UPLOADS_FOLDER) continue;
    await look(folder);
    if (taken.has(folder) || runs.includes(folder)) continue;
    const inside = await foldersIn(folder);
    if (inside.length <= MOST_LOOKED_INTO) for (const below of inside) await look(below);
  }
  for (const folder of runs) {
    add(folder, {
      kind: "run",
      at: await timeOf(join(folder, "config.json")),
      about: null,
      generator: null,
      facts: {},
    });
  }
  for (const item of [...items]) {
    const name = leftOutName(item.path);
    if (item.kind === "set" && existsSync(join(project, name))) addFile(name, "left-out");
  }
  for (const name of await studyPlans(project)) addFile(name, "study-plan");
  // The images of a release or set are part of it, not data to train on.
  const isPart = (folder: string) => [...taken].some((one) => folder === one || folder.startsWith(one + sep));
  for (const folder of datasets) {
    if (isPart(folder)) continue;
    const at =
      Math.max(await timeOf(join(folder, "metadata.csv")), await timeOf(`${folder}.split.csv`)) ||
      (await timeOf(folder));
    add(folder, { kind: "dataset", at, about: null, generator: null, facts: {} });
  }
  return items.sort((a, b) => (a.at === b.at ? (a.path < b.path ? -1 : 1) : a.at - b.at));
}

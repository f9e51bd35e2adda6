import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AuditFile } from "../../audit/audit-file.ts";
import { remakeAudit } from "../../audit/remake-audit.ts";
import { writeFileAtomic, writeJson } from "../../core/files.ts";
import { sealJson } from "../../core/sealed-json.ts";
import { encodePng } from "../../data/index.ts";
import { writeTestRun } from "../../model/testing/run.ts";
import { phantomPlan, renderPhantom } from "../../phantom/index.ts";
import { generateDataset, openRun } from "../../sample/index.ts";
import { DEFAULT_CONFIG, type ReleaseConfig } from "../config.ts";

const SIDE = 32;
const REAL = 120;
const PER_CLASS = 12;
const CLASSES = ["melanoma", "nevus"];

/** The default limits, but for the number of images. */
export const FORGER_CONFIG: ReleaseConfig = {
  ...DEFAULT_CONFIG,
  gate: { ...DEFAULT_CONFIG.gate, minTestImages: 2 * PER_CLASS },
};

/** Patient of a real image: two images of each. */
export const patientOf = (image: number): string => `PAT-${String(700 + (image >> 1)).padStart(5, "0")}`;

/** File name of a real image. */
export const realName = (image: number): string => `images/SKIN_${String(image).padStart(5, "0")}.png`;

/** Writes real images of two classes with patients and a split of half and half. */
async function writeReal(folder: string): Promise<void> {
  const rows = ["file_name,label,patient_id,split"];
  for (const [i, spec] of phantomPlan(REAL, 11).entries()) {
    await writeFileAtomic(join(folder, realName(i)), await encodePng(renderPhantom(spec, SIDE).image));
    rows.push(`${realName(i)},${CLASSES[(i >> 1) % 2]},${patientOf(i)},${i < REAL / 2 ? "train" : "test"}`);
  }
  await writeFileAtomic(join(folder, "metadata.csv"), `${rows.join("\n")}\n`);
}

/** Audits a set by pixels, as `ganglion audit` does with a run of these filters, into `folder/audit`. */
export async function auditForReal(folder: string, where: readonly string[] = []): Promise<AuditFile> {
  const train = join(folder, "real");
  const sets = { train, holdout: train, synthetic: join(folder, "set"), label: "label", where };
  const audit = await remakeAudit({
    ...sets,
    seed: 0,
    searches: 1,
    threads: 1,
    cache: folder,
    onProgress: () => undefined,
  });
  const provenance = await readFile(join(folder, "set/provenance.jsonl"), "utf8").catch(() => "");
  const generator = /"generator":"([0-9a-f]{64})"/.exec(provenance)?.[1];
  const run = generator === undefined ? null : { generator, differentialPrivacy: null };
  await writeJson(join(folder, "audit/audit.json"), sealJson({ ...audit, run }));
  return audit;
}

/** Real images, a run that names them, a set that it drew and a true audit: `real`, `run`, `set`, `audit` of a folder. */
export async function writeForgerCase(folder: string): Promise<void> {
  await writeReal(join(folder, "real"));
  await writeTestRun(join(folder, "run"), CLASSES, { resolution: SIDE });
  const run = await openRun(join(folder, "run"), { threads: 1 });
  const counts = CLASSES.map((name) => ({ name, count: PER_CLASS }));
  try {
    await generateDataset(run, join(folder, "set"), { counts, sampler: { kind: "random" }, seed: 5 });
  } finally {
    await run.close();
  }
  const audit = await auditForReal(folder);
  const dataset = { path: join(folder, "real"), label: "label", where: [], hash: audit.train.hash };
  await writeJson(join(folder, "run/config.json"), { model: "r3gan", dataset });
}

import { createHash } from "node:crypto";
import { appendFile, cp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../core/testing/fixtures.ts";
import { datasetHash, readDataset } from "../../data/dataset.ts";
import { pngOf, writeFiles } from "../../data/testing/fixtures.ts";
import { type Chain, findChain, Hashes } from "./chain.ts";
import { findItems } from "./find-items.ts";

let project: string;
const at = (name: string) => join(project, name);
const sha = (text: string) => createHash("sha256").update(text).digest("hex");

async function writeImages(name: string, seed: number, columns = ""): Promise<void> {
  const files: Record<string, string | Uint8Array> = {};
  let table = `file_name,label${columns === "" ? "" : ",synthetic"}\n`;
  for (let i = 0; i < 4; i++) {
    files[`images/${i}.png`] = await pngOf(seed + i, 8, 8);
    table += `images/${i}.png,${i % 2 === 0 ? "a" : "b"}${columns}\n`;
  }
  await writeFiles(at(name), { ...files, "metadata.csv": table });
}
const hashOf = async (name: string) => datasetHash(await readDataset(at(name)));

async function writeRun(name: string, generator: string): Promise<void> {
  const config = {
    format: "ganglion.run/1",
    model: "r3gan",
    resolution: 8,
    dataset: { path: "real", hash: await hashOf("real"), label: null, where: [] },
  };
  await writeFiles(at(name), { "config.json": JSON.stringify(config), "generator.onnx": generator });
}
async function writeSet(name: string, generator: string, seed: number): Promise<void> {
  await writeImages(name, seed, ",1");
  await writeFile(at(`${name}/provenance.jsonl`), `${JSON.stringify({ generator: sha(generator) })}\n`);
}
async function writeEvidence(set: string): Promise<void> {
  const synthetic = { n: 4, hash: await hashOf(set) };
  await writeFiles(at("report"), { "metrics.json": JSON.stringify({ synthetic, verdict: { grade: "close" } }) });
  const audit = { synthetic, findings: [{ severity: "none" }], verdict: "No leak" };
  await writeFiles(at("audit"), { "audit.json": JSON.stringify(audit) });
}
async function writeRelease(set: string): Promise<void> {
  await writeFiles(at("shared"), {
    "provenance.json": JSON.stringify({ audited: { hash: await hashOf(set) }, images: [1, 2] }),
    SHA256SUMS: "",
  });
  // It is an image folder itself, and no data to train on.
  await writeImages("shared/data", 50, ",1");
}

test("a release of DICOM is one that can be sent, another is not", async () => {
  await writeImages("set", 20, ",1");
  const provenance = { audited: { hash: "a" }, images: [{ file_name: "images/a/000001.png" }] };
  for (const [name, file] of [
    ["shared", "data/images/a/000001.png"],
    ["objects", "images/a/000001.dcm"],
  ] as const) {
    await writeFiles(at(name), { "provenance.json": JSON.stringify(provenance), SHA256SUMS: "", [file]: "x" });
  }
  const items = await findItems(project);
  const of = (kind: string) => items.filter((item) => item.kind === kind).map(({ path }) => path);
  expect([of("release").sort(), of("dicom-release")]).toEqual([["objects", "shared"], ["objects"]]);
});

const look = async (): Promise<Chain> => findChain(project, await findItems(project), [], new Hashes());
const statesOf = ({ steps }: Chain) => steps.map(({ state }) => state).join(" ");

beforeEach(async () => {
  project = await temporaryFolder();
});

test("each step asks for the next, and done is what was made of what is there", async () => {
  const seen: [string, string | null][] = [];
  const see = async () => {
    const chain = await look();
    seen.push([statesOf(chain), chain.next]);
  };
  await see();
  await writeImages("real", 1);
  await see();
  await writeRun("run", "weights");
  await see();
  await writeSet("set", "weights", 50);
  await see();
  await writeEvidence("set");
  await see();
  await writeRelease("set");
  await see();
  expect(seen).toEqual([
    ["missing missing missing missing missing", "import"],
    ["done missing missing missing missing", "train"],
    ["done done missing missing missing", "generate"],
    ["done done done missing missing", "evaluate"],
    ["done done done done missing", "release"],
    ["done done done done done", null],
  ]);
});

test("what was made of something that has changed is stale, and so is all that follows", async () => {
  await writeImages("real", 1);
  await writeRun("run", "weights");
  await writeSet("set", "weights", 50);
  await writeEvidence("set");
  await writeRelease("set");

  // Only touched: the images are those that were trained on.
  const later = new Date(Date.now() + 10_000);
  await utimes(at("real/metadata.csv"), later, later);
  expect(statesOf(await look())).toBe("done done done done done");

  // One image more.
  await writeFile(at("real/images/9.png"), await pngOf(9, 8, 8));
  await appendFile(at("real/metadata.csv"), "images/9.png,a\n");
  await utimes(at("real/metadata.csv"), later, later);
  const chain = await look();
  expect([statesOf(chain), chain.next]).toEqual(["done stale stale stale stale", "train"]);

  // Trained anew: the set is of an earlier generator.
  await writeRun("run", "other weights");
  await utimes(at("run/config.json"), new Date(Date.now() + 20_000), new Date(Date.now() + 20_000));
  const again = await look();
  expect([statesOf(again), again.next]).toEqual(["done done stale stale stale", "generate"]);

  // Drawn anew: reports and release are about the earlier set.
  await writeSet("set-2", "other weights", 90);
  const drawn = await look();
  expect([statesOf(drawn), drawn.next, drawn.set?.path]).toEqual(["done done done stale stale", "evaluate", "set-2"]);
});

test("a training without a generator, other runs and balanced sets are told apart", async () => {
  await writeImages("real", 1);
  await writeRun("run", "weights");
  await rm(at("run/generator.onnx"));
  const stopped = await look();
  expect([statesOf(stopped), stopped.next]).toEqual(["done stopped missing missing missing", "train"]);

  await writeRun("run", "weights");
  await writeRun("run-2", "new weights");
  await utimes(at("run/config.json"), new Date(1e12), new Date(1e12));
  // Drawn by the run before: neither of this one nor an earlier state of it.
  await writeSet("set", "weights", 50);
  const chain = await look();
  expect([statesOf(chain), chain.run?.path]).toEqual(["done done missing missing missing", "run-2"]);

  await writeFiles(at("balanced"), {
    "metadata.csv": "file_name,label,synthetic,source\n",
    "provenance.jsonl": `${JSON.stringify({ generator: sha("new weights") })}\n`,
  });
  expect((await look()).set).toBeNull();
  expect((await look()).dataset?.path).toBe("real");
});

test("a project that was moved or copied is the same one: what a run was trained on is told by its images", async () => {
  await writeImages("real", 1);
  await writeRun("run", "weights");
  const config = JSON.parse(await readFile(at("run/config.json"), "utf8"));
  const named = (path: string) =>
    writeFile(at("run/config.json"), JSON.stringify({ ...config, dataset: { ...config.dataset, path } }));
  await named("/nowhere/real");
  expect(statesOf(await look())).toBe("done done missing missing missing");
  // The one that it was copied from is still there.
  const elsewhere = await temporaryFolder();
  await cp(at("real"), join(elsewhere, "real"), { recursive: true });
  await named(join(elsewhere, "real"));
  expect(statesOf(await look())).toBe("done done missing missing missing");
  // A run of other images is no part of it.
  await writeImages("real", 30);
  expect(statesOf(await look())).toBe("done missing missing missing missing");
});

test("what the demo writes two levels deep is found", async () => {
  await writeImages("demo/phantom", 1);
  const config = { format: "ganglion.run/1", model: "r3gan", resolution: 8, dataset: { path: "demo/phantom" } };
  await writeFiles(at("demo/run"), { "config.json": JSON.stringify(config), "generator.onnx": "weights" });
  await writeSet("demo/synthetic", "weights", 50);
  const chain = await look();
  expect([chain.dataset?.path, chain.run?.path, chain.set?.path]).toEqual([
    ...["demo/phantom", "demo/run", "demo/synthetic"],
  ]);
});

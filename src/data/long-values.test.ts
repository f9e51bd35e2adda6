import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../core/testing/fixtures.ts";
import { readDataset } from "./dataset.ts";
import { medmnist, npzBytes, pngOf, writeFiles } from "./testing/fixtures.ts";

/** Longer than any message should be, and with what would break a line or colour a terminal. */
const LONG = `\u001b[31m${"x".repeat(150_000)}`;
const SHOWN = `\\u001b[31m${"x".repeat(75)}… (150,005 characters)`;
const QUOTED = `"\\u001b[31m${"x".repeat(75)}…" (150,005 characters)`;

let folder: string;
let png: Uint8Array;
beforeAll(async () => {
  folder = await temporaryFolder();
  png = await pngOf(1);
});

let sets = 0;
const setOf = (table: string, further: Record<string, string> = {}) =>
  writeFiles(join(folder, `set-${++sets}`), { "a.png": png, "metadata.csv": table, ...further });

async function saidOf(path: Promise<string>, options = {}): Promise<string> {
  const { message } = await failure(readDataset(await path, options));
  expect(message.length).toBeLessThan(2000);
  expect(message).not.toContain("\u001b");
  return message;
}

describe("a value of 150,000 characters is shown shortened, with its control characters escaped:", () => {
  test("file name in a cell", async () => {
    expect(await saidOf(setOf(`file_name\n${LONG}\n`))).toContain(`the image ${QUOTED} does not exist`);
    expect(await saidOf(setOf(`file_name\n${LONG}.png\n`))).toContain("(150,009 characters)");
  });

  test("mask in a cell", async () => {
    expect(await saidOf(setOf(`file_name,mask\na.png,${LONG}\n`))).toContain(`the mask ${QUOTED}`);
  });

  test("class and split among the values that a filter could keep", async () => {
    expect(await saidOf(setOf(`file_name,label\na.png,${LONG}\n`), { where: ["label=b"] })).toContain(QUOTED);
    expect(await saidOf(setOf("file_name,label\na.png,b\n"), { where: [`label=${LONG}`] })).toContain(
      "… (150,011 characters)",
    );
  });

  test("column names, also when they are listed", async () => {
    expect(await saidOf(setOf(`file_name,${LONG},${LONG}\na.png,1,2\n`))).toContain(`two columns are called ${QUOTED}`);
    expect(await saidOf(setOf(`file_name,${LONG}\na.png,1\n`), { label: "dx" })).toContain(SHOWN);
    expect(await saidOf(setOf("file_name,y\na.png,1\n"), { label: LONG })).toContain(`there is no column ${QUOTED}`);
  });

  test("value of dataset.json", async () => {
    const description = JSON.stringify({ label: [LONG] });
    expect(await saidOf(setOf("file_name\na.png\n", { "dataset.json": description }))).toContain("characters)");
  });

  test("name in an npz", async () => {
    const long = "n".repeat(60_000);
    const npz = join(folder, "long.npz");
    await writeFiles(folder, { "long.npz": npzBytes({ ...medmnist(), [`${long}.txt`]: new Uint8Array(3) }) });
    expect(await saidOf(Promise.resolve(npz))).toContain(`"${"n".repeat(80)}…" (60,004 characters)`);
  });
});

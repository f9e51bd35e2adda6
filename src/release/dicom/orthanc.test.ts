import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { silent } from "../../core/progress.ts";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { decodeImage } from "../../data/image.ts";
import { writeChecksums } from "../checksums.ts";
import { dicomFormat } from "./dicom-format.ts";
import { sendRelease } from "./send-release.ts";
import { contentPixels, releaseContent } from "./testing/content.ts";
import { missingOrthanc, type Orthanc, startOrthanc } from "./testing/orthanc.ts";

const skipped = missingOrthanc("nothing is sent to a real PACS");

type Json = Record<string, { Value?: unknown[] }>;
const firstValue = (item: Json, tag: string) => item[tag]?.Value?.[0];

/** Bytes of the only part of a multipart answer. */
function onlyPart(body: Buffer, type: string): Buffer {
  const boundary = /boundary="?([^";]+)/.exec(type)?.[1];
  const head = body.indexOf("\r\n\r\n");
  return body.subarray(head + 4, body.lastIndexOf(`\r\n--${boundary}`));
}

describe.skipIf(skipped)("a real PACS", () => {
  let pacs: Orthanc;
  let root: string;
  const folders = { 1: "", 3: "" };
  const to = () => ({ url: `${pacs.url}/dicom-web`, authorization: pacs.authorization });

  beforeAll(async () => {
    root = await temporaryFolder();
    for (const channels of [1, 3] as const) {
      const folder = join(root, `release-${channels}`);
      await mkdir(folder);
      const content = releaseContent(channels, { hash: String(channels) });
      await dicomFormat().write(content, folder, { onProgress: silent, signal: new AbortController().signal });
      await writeChecksums(folder);
      folders[channels] = folder;
    }
    pacs = await startOrthanc();
  });
  afterAll(() => pacs?.stop());

  test("refuses who does not say who they are, which is said", async () => {
    const error = await failure(sendRelease(folders[3], { url: to().url }));
    expect(error.message).toContain("answered 401: it wants to know who you are");
    const wrong = await failure(sendRelease(folders[3], { ...to(), authorization: "Basic eDp5" }));
    expect(wrong.message).toContain("answered 401");
    const astray = await failure(sendRelease(folders[3], { ...to(), url: `${pacs.url}/dicom-wab` }));
    expect(astray.message).toContain("no DICOMweb service at this path");
    expect(await (await pacs.get("/instances")).json()).toEqual([]);
  });

  test("a release that was changed is not sent", async () => {
    const object = join(folders[3], "images/melanoma/000001.dcm");
    const bytes = await readFile(object);
    await writeFile(object, Buffer.concat([bytes, Buffer.of(0, 0)]));
    const error = await failure(sendRelease(folders[3], to()));
    expect(error.problems.map(({ path }) => path)).toEqual(["images/melanoma/000001.dcm"]);
    expect(await (await pacs.get("/instances")).json()).toEqual([]);
    await writeFile(object, bytes);
  });

  test.each([1, 3] as const)("stores a release of %d channels and gives the same pixels back", async (channels) => {
    const sent = await sendRelease(folders[channels], to());
    expect(sent.stored).toBe(4);

    const query = `/dicom-web/instances?PatientID=SYNTHETIC-*&Modality=${channels === 1 ? "OT" : "XC"}`;
    const found = (await (await pacs.get(query, "application/dicom+json")).json()) as Json[];
    expect(found.length).toBe(4);
    const table = await readFile(join(folders[channels], "metadata.csv"), "utf8");
    for (const [index, line] of table.trim().split("\n").slice(1).entries()) {
      const [, instance, series, study] = /(2\.25\.\d+),(2\.25\.\d+),(2\.25\.\d+)/.exec(line) ?? [];
      const item = found.find((one) => firstValue(one, "00080018") === instance);
      expect([firstValue(item!, "0020000E"), firstValue(item!, "0020000D")]).toEqual([series, study]);

      const path = `/dicom-web/studies/${study}/series/${series}/instances/${instance}/frames/1`;
      const frame = await pacs.get(path, 'multipart/related; type="application/octet-stream"');
      const pixels = onlyPart(Buffer.from(await frame.arrayBuffer()), frame.headers.get("content-type") ?? "");
      const wanted = contentPixels(index, channels);
      expect(Buffer.compare(pixels.subarray(0, wanted.data.length), wanted.data)).toBe(0);
      expect(pixels.length - wanted.data.length).toBeLessThan(2);
    }
  });

  test("draws the images for its viewer as they are", async () => {
    const ids = (await (await pacs.get("/instances")).json()) as string[];
    expect(ids.length).toBe(8);
    for (const id of ids) {
      const tags = (await (await pacs.get(`/instances/${id}/simplified-tags`)).json()) as Record<string, string>;
      expect((await pacs.get(`/instances/${id}/preview`, "image/png")).status).toBe(200);
      const rendered = await pacs.get(`/instances/${id}/rendered`, "image/png");
      const drawn = await decodeImage(new Uint8Array(await rendered.arrayBuffer()));
      const channels = tags.SamplesPerPixel === "1" ? 1 : 3;
      const index = Number(tags.Rows) - 16;
      // Its window of 256 grey values is one value wider than the standard's (PS3.3 C.11.2.1.2.1).
      const most = contentPixels(index, channels).data.reduce(
        (m, v, i) => Math.max(m, Math.abs(v - drawn.data[i]!)),
        0,
      );
      expect(most).toBeLessThanOrEqual(channels === 1 ? 1 : 0);
      expect(tags.PatientName).toMatch(/^SYNTHETIC\^000[12]$/);
    }
  });

  test("takes the same release again without a second copy", async () => {
    expect((await sendRelease(folders[3], to())).stored).toBe(4);
    expect(((await (await pacs.get("/instances")).json()) as string[]).length).toBe(8);
  });

  test("names each object that it does not take", async () => {
    const broken = join(root, "broken");
    await rename(folders[1], broken);
    await writeFile(join(broken, "images/melanoma/000001.dcm"), Buffer.from("no DICOM at all, and odd"));
    await writeChecksums(broken);
    const error = await failure(sendRelease(broken, to()));
    expect(error.message).toContain("/dicom-web/studies stored 3 of 4 objects (1 problem)");
    expect(error.problems.map(({ path }) => path)).toEqual(["images/melanoma/000001.dcm"]);
  });
});

import { appendFile, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../src/core/hash.ts";
import { temporaryFolder } from "../src/core/testing/fixtures.ts";
import { parseCsv } from "../src/data/csv.ts";
import { decodePng, encodePng } from "../src/data/image.ts";
import { readOnnx } from "../src/graph/index.ts";
import { mapDescriptionSchema } from "../src/model/map-description.ts";
import { readMapFile } from "../src/sample/maps/map-csv.ts";
import type {
  DrawingSet,
  ImagePage,
  RunProgress,
  StudyQuestion,
  StudyResults,
  StudySummary,
  Workspace,
} from "../src/studio/api.ts";
import { type Studio, startStudio } from "../src/studio/server/start-studio.ts";
import { mapGenerator, type TestWorkspace, writeWorkspace } from "../src/studio/testing/workspace.ts";

let root: string;
let files: TestWorkspace;
let studio: Studio;
let workspace: Workspace;
const noted: string[] = [];
const start = () =>
  startStudio({ path: files.work, port: 0, pageFolder: files.page, note: (message) => noted.push(message) });

beforeAll(async () => {
  root = await temporaryFolder();
  files = await writeWorkspace(root);
  studio = await start();
  workspace = await get<Workspace>("/api/workspace");
});
afterAll(() => studio.close());

const base = () => `http://127.0.0.1:${studio.port}`;
const headers = () => ({ authorization: `Bearer ${studio.token}` });
const ask = (path: string) => fetch(base() + path, { headers: headers() });
async function get<T>(path: string): Promise<T> {
  const response = await ask(path);
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}
const post = (path: string, body: unknown) =>
  fetch(base() + path, {
    method: "POST",
    headers: { ...headers(), origin: base(), "content-type": "application/json" },
    body: JSON.stringify(body),
  });
async function messageOf(response: Response, status: number): Promise<string> {
  expect(response.status).toBe(status);
  return ((await response.json()) as { error: { message: string } }).error.message;
}
const idOf = (name: string) =>
  [...workspace.runs, ...workspace.datasets].find((opened) => opened.name === name)?.id ?? "none";

describe("the workspace", () => {
  test("lists runs with what their generator says of itself, and datasets with their counts", () => {
    expect(workspace.runs).toEqual([
      {
        id: idOf("run"),
        name: "run",
        model: "dermgan",
        input: "maps",
        resolution: 16,
        channels: 3,
        classes: ["melanoma", "nevus"],
        latent: 0,
        mapKind: "box",
        tonesEstimated: true,
        hasGenerator: true,
        generatorHash: sha256(mapGenerator(16)),
      },
    ]);
    const skin = workspace.datasets.find(({ name }) => name === "skin");
    expect(skin).toMatchObject({
      images: 12,
      classes: [
        { name: "melanoma", count: 4 },
        { name: "nevus", count: 8 },
      ],
      splits: ["train", "val"],
      tones: [4, 4, 0, 0, 0, 4],
      tonesEstimated: false,
      hasMasks: true,
      hasBoxes: true,
      synthetic: false,
    });
    expect(workspace.datasets.find(({ name }) => name === "made")).toMatchObject({ synthetic: true, tones: null });
  });

  test("sends the generator as it is", async () => {
    const response = await ask(`/api/runs/${idOf("run")}/generator.onnx`);
    expect(sha256(new Uint8Array(await response.arrayBuffer()))).toBe(sha256(mapGenerator(16)));
  });

  test("opened on a run holds the run's dataset, and a run that came since", async () => {
    const one = await startStudio({ path: join(files.work, "run"), port: 0, note: () => undefined });
    expect(one.opened).toEqual({ runs: 1, studies: 0, datasets: 1 });
    await one.close();
    await mkdir(join(files.work, "later"));
    const config = await readFile(join(files.work, "run/config.json"));
    await writeFile(join(files.work, "later/config.json"), config);
    const { runs } = await get<Workspace>("/api/workspace");
    expect(runs.find(({ name }) => name === "later")).toMatchObject({ hasGenerator: false, generatorHash: null });
    await rm(join(files.work, "later"), { recursive: true });
  });
});

describe("a dataset", () => {
  const list = (query: string) => get<ImagePage>(`/api/datasets/${idOf("skin")}/images?${query}`);

  test("is listed by class, split and tone, in pages", async () => {
    const indices = async (query: string) => (await list(query)).images.map(({ index }) => index);
    expect(await indices("class=melanoma")).toEqual([8, 9, 10, 11]);
    expect(await indices("class=nevus&split=val")).toEqual([3, 7]);
    expect(await indices("tone=6&class=&split=")).toEqual([2, 5, 8, 11]);
    const page = await list("offset=4&limit=3");
    expect([page.total, page.images.map(({ index }) => index)]).toEqual([12, [4, 5, 6]]);
    expect(await list("class=unknown")).toEqual({ total: 0, images: [] });
  });

  test("tells boxes in shares of the image, tone and mask", async () => {
    const { images } = await list("limit=2");
    expect(images[0]).toMatchObject({ tone: 1, hasMask: true, split: "train", attributes: { age: "20" } });
    expect(images[0]!.boxes).toEqual([{ xMin: 0, yMin: 0, xMax: 0.5, yMax: 0.25 }]);
    expect(images[1]!.boxes).toEqual([
      { xMin: 0.25, yMin: 0, xMax: 0.5, yMax: 0.25 },
      { xMin: 0.5, yMin: 0.5, xMax: 1, yMax: 0.75 },
    ]);
  });

  test("sends pictures that are made smaller, never larger, and masks of the nearest pixel", async () => {
    const picture = async (name: string) =>
      decodePng(new Uint8Array(await (await ask(`/api/datasets/${idOf("skin")}/images/${name}`)).arrayBuffer()));
    expect(await picture("0.png?size=16")).toMatchObject({ width: 16, height: 16, channels: 3 });
    expect(await picture("0.png?size=1024")).toMatchObject({ width: 24, height: 24 });
    expect(await picture("0-mask.png?size=16")).toMatchObject({ width: 16, height: 16, channels: 1 });
    for (const size of ["15", "1025", "many"]) {
      const response = await ask(`/api/datasets/${idOf("skin")}/images/0.png?size=${size}`);
      expect(await messageOf(response, 400)).toContain("size");
    }
    for (const name of ["12.png", "1-mask.png", "x.png", "0.jpg"]) {
      expect((await ask(`/api/datasets/${idOf("skin")}/images/${name}`)).status, name).toBe(404);
    }
  });

  test("that is damaged says so at the terminal, and without the file's name on the page", async () => {
    await writeFile(join(files.work, "skin/images/ISIC_0015.png"), "no image");
    const response = await ask(`/api/datasets/${idOf("skin")}/images/5.png`);
    expect(await messageOf(response, 500)).not.toContain("ISIC");
    expect(noted.at(-1)).toContain("images/ISIC_0015.png");
  });
});

describe("a training", () => {
  const path = () => `/api/runs/${idOf("run")}/progress`;
  const lock = () => join(files.work, "run/.lock");
  const statsPath = () => join(files.work, "run/stats.jsonl");
  const started = async () => (await readFile("/proc/self/stat", "utf8")).split(") ")[1]!.split(" ")[19];

  test("that has ended shows its lines and grids in order", async () => {
    const progress = await get<RunProgress>(path());
    expect(progress).toMatchObject({ state: "ended", images: 1000, imagesSeen: 200, seconds: 20, secondsLeft: null });
    expect(progress.stats.map(({ imagesSeen }) => imagesSeen)).toEqual([100, 200]);
    expect(progress.samples.filter((name) => name !== "escape")).toEqual(["real", "000000100", "000000200"]);
    expect((await ask(`/api/runs/${idOf("run")}/samples/000000100.png`)).headers.get("content-type")).toBe("image/png");
  });

  test("is followed: events bring what is new", async () => {
    await writeFile(lock(), JSON.stringify({ pid: process.pid, host: hostname(), started: await started() }));
    const stop = new AbortController();
    const response = await fetch(`${base()}${path()}/events`, { headers: headers(), signal: stop.signal });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = "";
    const event = async (): Promise<RunProgress> => {
      while (!text.includes("\n\n")) text += new TextDecoder().decode((await reader.read()).value);
      const [first] = text.split("\n\n", 1);
      text = text.slice(first!.length + 2);
      return JSON.parse(first!.replace(/^data: /, ""));
    };
    const before = await event();
    expect([before.state, before.stats.length]).toEqual(["training", 2]);
    // 800 images at 10 a second, less what has passed since the last line.
    expect(before.secondsLeft).toBeGreaterThan(0);
    expect(before.secondsLeft).toBeLessThanOrEqual(80);
    await appendFile(statsPath(), `${JSON.stringify({ imagesSeen: 300, seconds: 30, imagesPerSecond: 10 })}\n{"torn`);
    const after = await event();
    expect([after.imagesSeen, after.stats.map(({ imagesSeen }) => imagesSeen)]).toEqual([300, [300]]);
    await rm(lock());
    expect(await event()).toMatchObject({ state: "ended", secondsLeft: null, stats: [] });
    stop.abort();
  });
});

describe("a drawing", () => {
  const path = () => `/api/runs/${idOf("run")}/set`;
  const setFile = (name: string) => join(files.work, "run/studio-set", name);
  const box = { xMin: 0.25, yMin: 0.125, xMax: 0.75, yMax: 0.5 };
  const drawing = { condition: "nevus", tone: 3, seed: 7, boxes: [box] };
  const mask = async (size: number, fill: (i: number) => number) => {
    const data = Uint8Array.from({ length: size * size }, (_, i) => fill(i));
    return Buffer.from(await encodePng({ width: size, height: size, channels: 1, data })).toString("base64");
  };

  test("with anything wrong names all of it, and nothing is written", async () => {
    const wrong = {
      condition: "wart",
      tone: 2,
      seed: 1,
      boxes: [{ xMin: 0.5, yMin: 0.5, xMax: 0.51, yMax: 0.9 }],
      mask: await mask(8, () => 255),
    };
    const message = await messageOf(await post(path(), wrong), 400);
    for (const part of ['"wart"', "melanoma, nevus", "empty at 16 pixels", "8x8", "16x16", "3 problems"]) {
      expect(message).toContain(part);
    }
    const refused: [object, string][] = [
      [{ ...drawing, tone: 7 }, "tone"],
      [{ ...drawing, seed: -1 }, "seed"],
      [{ ...drawing, seed: 1.5 }, "seed"],
      [{ ...drawing, boxes: [{ ...box, xMax: 1.01 }] }, "boxes.0.xMax"],
      [{ ...drawing, boxes: [] }, "no lesion"],
      [{ ...drawing, mask: await mask(16, () => 0) }, "mask is empty"],
      [{ ...drawing, mask: Buffer.from("no image").toString("base64") }, "PNG"],
      [{ ...drawing, file: "../x" }, "file"],
    ];
    for (const [body, part] of refused) expect(await messageOf(await post(path(), body), 400)).toContain(part);
    await expect(readdir(setFile("."))).rejects.toThrow("ENOENT");
  });

  test("joins the set as a line of maps.csv that `generate --maps` reads, two at once too", async () => {
    const second = { ...drawing, condition: "melanoma", tone: 6, mask: await mask(16, (i) => (i < 128 ? 200 : 0)) };
    const two = { ...drawing, boxes: [box, { xMin: 0, yMin: 0, xMax: 0.5, yMax: 1 }] };
    const answers = await Promise.all([drawing, second, two].map((body) => post(path(), body)));
    const sets = (await Promise.all(answers.map((response) => response.json()))) as DrawingSet[];
    expect(sets.map(({ count }) => count).sort()).toEqual([1, 2, 3]);
    expect(sets[0]!.maps).toBe(setFile("maps.csv"));
    const { header, rows } = parseCsv(await readFile(setFile("maps.csv"), "utf8"), "maps.csv");
    expect(header.join()).toBe("condition,x_min,y_min,x_max,y_max,tone,seed,mask_file_name");
    expect(rows).toContainEqual(["nevus", "4", "2", "12", "8", "3", "7", ""]);
    expect(rows).toContainEqual(["nevus", "4;0", "2;0", "12;8", "8;16", "3", "7", ""]);
    const masked = rows.find(([condition]) => condition === "melanoma") as string[];
    const kept = await decodePng(await readFile(setFile(masked[7]!)));
    expect([kept.width, kept.channels, kept.data[0], kept.data[255]]).toEqual([16, 1, 255, 0]);
    const description = mapDescriptionSchema.parse(JSON.parse(readOnnx(mapGenerator(16)).metadata.description!));
    const { requests } = await readMapFile(setFile("maps.csv"), description, { seed: 0 });
    const asked = requests.find(({ condition }) => condition === 0);
    expect(asked).toMatchObject({ tone: 6, seed: 7, region: kept.data });
    expect(requests.filter(({ boxes }) => boxes.length === 2)).toHaveLength(1);
  });

  test("is not added to a file that the studio did not write, nor through a link", async () => {
    await writeFile(setFile("maps.csv"), "a,b\n1,2\n");
    expect(await messageOf(await post(path(), drawing), 409)).toContain("columns are a, b");
    await rm(setFile("."), { recursive: true });
    await mkdir(join(root, "outside"));
    await symlink(join(root, "outside"), setFile(".").replace(/\/\.?$/, ""));
    expect(await messageOf(await post(path(), drawing), 409)).toContain("link");
    expect(await readdir(join(root, "outside"))).toEqual([]);
  });
});

describe("a reader study", () => {
  const request = () => ({
    name: "Pilot",
    realDataset: idOf("skin"),
    syntheticDataset: idOf("made"),
    perKind: 4,
    seed: 3,
  });
  let id = "";
  const next = (reader: string) => get<StudyQuestion>(`/api/studies/${id}/next?reader=${reader}`);
  const answer = (reader: string, key: string | null, said: string) =>
    post(`/api/studies/${id}/answers`, { reader, key, answer: said, milliseconds: 812.4 });

  test("is refused with reasons", async () => {
    expect(await messageOf(await post("/api/studies", { ...request(), perKind: 40 }), 400)).toContain("9 at most");
    expect(await messageOf(await post("/api/studies", { ...request(), perKind: 0, name: "=1" }), 400)).toContain(
      "2 problems",
    );
    const same = { ...request(), syntheticDataset: idOf("skin") };
    expect(await messageOf(await post("/api/studies", same), 400)).toContain("two datasets");
    const swapped = { ...request(), realDataset: idOf("made"), syntheticDataset: idOf("skin") };
    expect(await messageOf(await post("/api/studies", swapped), 400)).toContain("no real images");
    expect(await get<StudySummary[]>("/api/studies")).toEqual([]);
  });

  test("shows pictures whose keys, sizes and bytes say nothing of their kind", async () => {
    // The last image of `skin` is a link out of its folder, and one is damaged by the test above.
    await writeFile(
      join(files.work, "skin/images/ISIC_0015.png"),
      await readFile(join(files.work, "skin/images/ISIC_0014.png")),
    );
    await rm(join(files.work, "skin/images/ISIC_0021.png"));
    await writeFile(
      join(files.work, "skin/images/ISIC_0021.png"),
      await readFile(join(files.work, "skin/images/ISIC_0020.png")),
    );
    const made = await post("/api/studies", request());
    expect(made.status).toBe(201);
    const summary = (await made.json()) as StudySummary;
    expect(summary).toMatchObject({ name: "Pilot", images: 8, readers: [] });
    id = summary.id;
    const question = await next("Ada");
    expect(question).toEqual({
      key: expect.stringMatching(/^[0-9a-f]{16}$/),
      following: expect.stringMatching(/^[0-9a-f]{16}$/),
      answered: 0,
      images: 8,
    });
    const names = await readdir(join(files.work, "reader-studies", id, "images"));
    expect(names).toHaveLength(8);
    for (const name of names) {
      const response = await ask(`/api/studies/${id}/images/${name}`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      expect(await decodePng(bytes)).toMatchObject({ width: 24, height: 24, channels: 3 });
      expect(Buffer.from(bytes).toString("latin1")).not.toMatch(/tEXt|iTXt|eXIf|tIME/);
    }
  });

  test("takes an answer once and keeps it before it replies", async () => {
    const { key } = await next("Ada");
    const response = await answer("Ada", key, "synthetic");
    const lines = await readFile(join(files.work, "reader-studies", id, "answers.jsonl"), "utf8");
    expect(JSON.parse(lines)).toMatchObject({ reader: "Ada", key, answer: "synthetic", milliseconds: 812 });
    const following = (await response.json()) as StudyQuestion;
    expect(following.answered).toBe(1);
    expect(following.key).not.toBe(key);
    expect(await messageOf(await answer("Ada", key, "real"), 409)).toContain("once");
    expect(await messageOf(await answer("Ada", "0".repeat(16), "real"), 400)).toContain("not an image of this study");
    expect(await messageOf(await answer("all", following.key, "real"), 400)).toContain("reader");
    expect(await messageOf(await answer("=cmd()", following.key, "real"), 400)).toContain("reader");
    const twice = await Promise.all([answer("Ada", following.key, "real"), answer("Ada", following.key, "synthetic")]);
    expect(twice.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test("goes on after a restart, even one that tore the last line", async () => {
    const before = await next("Ada");
    await studio.close();
    await appendFile(join(files.work, "reader-studies", id, "answers.jsonl"), '{"reader":"Ada","key":"');
    studio = await start();
    expect(await next("Ada")).toEqual(before);
    for (let { key } = before; key !== null; ) {
      ({ key } = (await (await answer("Ada", key, "real")).json()) as StudyQuestion);
    }
    expect(await next("Ada")).toEqual({ key: null, following: null, answered: 8, images: 8 });
    expect(await get<StudySummary[]>("/api/studies")).toEqual([
      { id, name: "Pilot", images: 8, readers: [{ name: "Ada", answered: 8 }] },
    ]);
  });

  test("that is damaged is said at the terminal and does not hide the others", async () => {
    const damaged = join(files.work, "reader-studies/0123456789ab");
    await mkdir(damaged);
    await writeFile(join(damaged, "study.json"), '{"format":"ganglion.reader-study/2"}');
    expect((await get<StudySummary[]>("/api/studies")).map((study) => study.id)).toEqual([id]);
    expect(noted.at(-1)).toContain("0123456789ab/study.json is not a reader study");
    await rm(damaged, { recursive: true });
  });

  test("gives results and a table that tell the truth of every answer", async () => {
    const study = JSON.parse(await readFile(join(files.work, "reader-studies", id, "study.json"), "utf8"));
    const kinds = new Map(study.images.map((image: { key: string; kind: string }) => [image.key, image.kind]));
    // Bob is never wrong.
    for (let { key } = await next("Bob"); key !== null; ) {
      ({ key } = (await (await answer("Bob", key, kinds.get(key) as string)).json()) as StudyQuestion);
    }
    const { rows, kappa } = await get<StudyResults>(`/api/studies/${id}/results`);
    expect(rows.map(({ reader, label }) => `${reader}/${label}`)).toEqual(
      ["all", "Ada", "Bob"].flatMap((reader) => ["all", "melanoma", "nevus"].map((label) => `${reader}/${label}`)),
    );
    const bob = rows.find(({ reader, label }) => reader === "Bob" && label === "all");
    expect(bob).toMatchObject({ truePositive: { hits: 4, n: 4, value: 1 }, falsePositive: { hits: 0, n: 4 } });
    expect(kappa).toMatchObject({ images: 8, readers: 2 });
    const exported = await (await ask(`/api/studies/${id}/results.json`)).json();
    expect(exported).toMatchObject(await get<object>(`/api/studies/${id}/results`));
    const response = await ask(`/api/studies/${id}/answers.csv`);
    expect(response.headers.get("content-disposition")).toContain("answers.csv");
    const text = await response.text();
    expect(text).not.toContain(".png");
    const table = parseCsv(text, "answers.csv");
    expect(table.header.join()).toBe("reader,key,label,kind,answer,correct,milliseconds,at");
    expect(table.rows).toHaveLength(16);
    for (const [, key, , kind, said, correct] of table.rows) {
      expect(kind).toBe(kinds.get(key));
      expect(correct).toBe(said === kind ? "1" : "0");
    }
  });
});

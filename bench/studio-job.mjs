// The whole job in a real Chromium by mouse alone or by keyboard alone: from a zip of photographs to a verified release, without a
// terminal. Then the commands that the jobs ran are typed into a shell, in another folder with the same data, and the bytes that
// came out are compared. Usage: npm run build && node bench/studio-job.mjs --by mouse|keys [--images 1000] [--trained 12000]
//   [--data ../shared/data/ham10000] [--screenshots FOLDER] [--further] [--no-typed] [--keep] [--json]
// --further sends a release as DICOM to an archive on loopback and runs a short study, too (lists that unfold: keys only).
// The file is given to the browser's own chooser of files, which is no part of the page.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { startStudio } from "../dist/studio/server/start-studio.js";
import { findChromium } from "../scripts/chromium.mjs";
import { keysOnly, mouseOnly } from "./hands.mjs";

const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
const JOB = 1_800_000;
const { values } = parseArgs({
  allowNegative: true,
  options: {
    by: { type: "string", default: "mouse" },
    images: { type: "string", default: "1000" },
    trained: { type: "string", default: "12000" },
    each: { type: "string", default: "60" },
    data: { type: "string", default: "../shared/data/ham10000" },
    screenshots: { type: "string" },
    further: { type: "boolean", default: false },
    typed: { type: "boolean", default: true },
    keep: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
if (values.by !== "mouse" && values.by !== "keys") throw new Error(`--by is mouse or keys, not ${values.by}`);

const folder = mkdtempSync(join(tmpdir(), "ganglion-studio-job-"));
const work = join(folder, "work");
const zip = join(folder, "photographs.zip");
const began = performance.now();
const note = (text) => values.json || console.log(`${((performance.now() - began) / 1000).toFixed(0)} s: ${text}`);

/** A zip of some of the images, at even distances over the table, with their lines of it. */
function writeZip(count) {
  const source = join(folder, "photographs");
  mkdirSync(join(source, "images"), { recursive: true });
  const [header, ...rows] = readFileSync(join(values.data, "metadata.csv"), "utf8").trim().split(/\r?\n/);
  const chosen = Array.from({ length: count }, (_, i) => rows[Math.floor((i * rows.length) / count)]);
  for (const row of chosen) {
    const name = row.split(",")[0];
    writeFileSync(join(source, name), readFileSync(join(values.data, name)));
  }
  writeFileSync(join(source, "metadata.csv"), `${[header, ...chosen].join("\n")}\n`);
  shell(`zip -q -r ${JSON.stringify(zip)} .`, source);
}

/** Runs a line as it would be typed. */
function shell(line, cwd, allowed = [0]) {
  const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync("bash", ["-c", line], {
    cwd,
    env,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (!allowed.includes(status)) throw new Error(`${line}: ${status}\n${stderr.slice(-2000)}`);
  return { status, stdout };
}

const SCREENS = [360, 1280, 2560].flatMap((width) =>
  ["light", "dark"].flatMap((colorScheme) => ["en", "zh-CN"].map((lang) => ({ width, colorScheme, lang }))),
);
/** What is wrong with the page as it is shown: text that is cut off, beside the page or, in Chinese, still English. */
const PROBLEMS = (lang) => {
  const found = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) found.push(`${document.documentElement.scrollWidth} px wide`);
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].map((child) => (child.nodeType === 3 ? child.data : " ")).join("");
    if (own.trim() === "" || node.getClientRects().length === 0) continue;
    const style = getComputedStyle(node);
    const said = node.textContent.trim().slice(0, 60);
    if (node.closest(".visually-hidden, option, .skip, textarea, .page-head .field-name") !== null) continue;
    const box = node.getBoundingClientRect();
    if (box.right > width + 1 && node.closest("[class*=scroll], .chain") === null)
      found.push(`beside the page: ${said}`);
    if (style.overflowX !== "visible" && node.scrollWidth > node.clientWidth + 1) found.push(`cut off: ${said}`);
    if (/NaN|undefined|Infinity|\{\w+\}/.test(own)) found.push(`no value: ${said}`);
    const foreign =
      node.closest("[lang]")?.getAttribute("lang") === "en" || node.closest("code, .path, .command") !== null;
    if (lang === "zh-CN" && !foreign && /[a-z]{2,} [a-z]{2,}/i.test(own.replaceAll(/`[^`]+`/g, "")))
      found.push(`not translated: ${said}`);
  }
  return [...new Set(found)];
};
const problems = [];

/** Keeps the page as it stands on every screen, in both languages and schemes, and says what is wrong with it. */
async function show(page, name) {
  note(name);
  if (values.screenshots === undefined) return;
  mkdirSync(values.screenshots, { recursive: true });
  const setLanguage = (lang) =>
    page.evaluate((to) => {
      const list = document.querySelector("select.language");
      list.value = to;
      list.dispatchEvent(new Event("change", { bubbles: true }));
    }, lang);
  for (const { width, colorScheme, lang } of SCREENS) {
    await setLanguage(lang);
    await page.setViewportSize({ width, height: width < 500 ? 844 : 900 });
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(150);
    for (const problem of await page.evaluate(PROBLEMS, lang))
      problems.push(`${name}, ${width} px, ${lang}: ${problem}`);
    const path = join(values.screenshots, `${name}-${width}-${colorScheme}-${lang}.png`);
    await page.screenshot({ path, fullPage: width < 2000 });
  }
  await setLanguage("en");
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
}

const step = (page, name) => page.locator(".step").filter({ has: page.getByRole("heading", { name }) });
/** Waits, as a person who watches the page does. */
const seen = (page, selector, options = {}) => page.locator(selector, options).first().waitFor({ timeout: JOB });
const done = (page, name) => step(page, name).locator(".step-state.done").waitFor({ timeout: JOB });
async function jobEnds(page) {
  await seen(page, ".job.running, .job.queued");
  await page.locator(".job.running, .job.queued").first().waitFor({ state: "detached", timeout: JOB });
}

async function theJob(page, hands) {
  const link = { role: "link" };
  await seen(page, ".ways");
  await show(page, "1-empty");
  await hands.press(/^Use my images/, link);
  await seen(page, ".upload-box button");
  await show(page, "2-choose");
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), hands.press("Choose files or a zip archive")]);
  await chooser.setFiles(zip);
  await page.locator(".few-pictures img").nth(9).waitFor({ timeout: JOB });
  await show(page, "3-chosen");
  await hands.press("Look at the images");
  await seen(page, ".found");
  await show(page, "4-found");
  await hands.press("Start");
  await done(page, "Data");
  await show(page, "5-data");

  await hands.press(/^Next step: Train a model/, link);
  await seen(page, ".forecast", { hasText: "a second" });
  await show(page, "6-train");
  await hands.radio("resolution", /^32 × 32 pixels/);
  await hands.radio("length", /^Another time/);
  await hands.type("Minutes of training", "", "spinbutton");
  await hands.open("More settings");
  await hands.type("End after this many images seen", values.trained, "spinbutton");
  await hands.type("Threads", "1", "spinbutton");
  await hands.press("Start");
  await seen(page, ".job.running .command", { hasText: "ganglion train" });
  await show(page, "7-training");
  await hands.press("Training", link);
  await seen(page, ".run-facts");
  await seen(page, ".grids img");
  await page.waitForTimeout(3000);
  await show(page, "8-run");
  await hands.press("Project", link);
  await done(page, "Model");
  await show(page, "9-model");

  await hands.press("Draw one by one", link);
  await seen(page, ".page-head h1");
  await page.waitForTimeout(6000);
  await show(page, "10-draw");
  await hands.press("Project", link);
  await hands.press("Next step: Draw images", link);
  await seen(page, ".class-slider");
  await hands.type("Images of each class", values.each, "spinbutton");
  await show(page, "11-generate");
  await hands.press("Start");
  await done(page, "Images");

  for (const [name, shot] of [
    ["Compare with real images", "12-evaluate"],
    ["Search for copies and leaks", "13-audit"],
  ]) {
    await seen(page, ".step.next", { hasText: name });
    await hands.press(`Next step: ${name}`, link);
    await seen(page, "h2.form-title", { hasText: name });
    await show(page, shot);
    await hands.press("Start");
    await jobEnds(page);
  }
  await done(page, "Evidence");
  await show(page, "14-evidence");
  await hands.press("Report", link);
  await page.frameLocator("iframe").locator("h1").first().waitFor({ timeout: JOB });
  await show(page, "15-report");
  await hands.press("Back to the project", link);
  await seen(page, ".chain");
  await hands.press("Look at it: Images", link);
  await page.locator(".pair img").nth(3).waitFor({ timeout: JOB });
  await hands.check("Leave image 1 out");
  await seen(page, ".left-out span");
  await show(page, "16-images");
  await hands.press("Back to the project", link);

  await seen(page, ".step.next", { hasText: "Release" });
  await hands.press("Next step: Release", link);
  await seen(page, "#field-name");
  await hands.type("Name of the release", "moles-1");
  await hands.type("Who answers for it", "Clinic of the example");
  await hands.press("Ask the gate now");
  await seen(page, ".release-check .checklist");
  await show(page, "17-gate");
  let lowered = null;
  if ((await page.locator(".release-check .checklist .open").count()) > 0) {
    lowered = await page.locator(".release-check .checklist .open").allInnerTexts();
    await hands.press(/^Accept this/);
    await seen(page, ".release-check .checklist .met");
    await show(page, "18-accepted");
  }
  await hands.press("Start");
  await seen(page, ".released dd");
  await show(page, "19-released");
  await hands.press("Check a release", link);
  await seen(page, "h2.form-title", { hasText: "Check a release" });
  await show(page, "20-verify");
  await hands.press("Start");
  await jobEnds(page);
  await seen(page, ".job.done", { hasText: "Check a release" });
  await show(page, "21-verified");
  return lowered;
}

/** The pages that the job does not need. */
async function otherPages(page, url) {
  for (const [name, hash, waits] of [
    ["30-dataset", "#/dataset", ".image-grid img"],
    ["31-balance", "#/project/balance", ".class-slider"],
    ["32-study-form", "#/project/study", "#study-name"],
    ["33-study", "#/study", "#main *"],
    ["34-reader", "#/reader-study", "#main *"],
    ["35-demo", "#/project/demo", "#field-out"],
    ["36-split", "#/project/split", "form"],
    ["37-send", "#/project/send", "form"],
  ]) {
    await page.goto(`${url}${hash}`);
    await seen(page, waits);
    await page.waitForTimeout(1500);
    await show(page, name);
  }
}

/** An archive on loopback that takes what it is sent by DICOMweb, and says so. */
async function startArchive() {
  const tag = Buffer.from("080018005549", "hex");
  const taken = new Set();
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    const uids = [];
    for (let at = body.indexOf(tag); at >= 0; at = body.indexOf(tag, at + 1)) {
      const uid = body.subarray(at + 8, at + 8 + body.readUInt16LE(at + 6));
      uids.push(uid.toString("latin1").replace("\0", ""));
    }
    for (const uid of uids) taken.add(uid);
    response.setHeader("content-type", "application/dicom+json");
    const Value = uids.map((uid) => ({ "00081155": { vr: "UI", Value: [uid] } }));
    response.end(JSON.stringify({ "00081199": { vr: "SQ", Value } }));
  });
  await new Promise((listens) => server.listen(0, "127.0.0.1", listens));
  return { taken, url: `http://127.0.0.1:${server.address().port}/dicom-web`, close: () => server.close() };
}

/** A release as DICOM that is sent to an archive, and a short study. */
async function furtherWork(page, hands, archive) {
  const link = { role: "link" };
  await hands.press("Project", link);
  await hands.press(/^(Next step: )?Release$/, link);
  await seen(page, "#field-name");
  await hands.type("Name of the release", "moles-dicom");
  await hands.open("More settings");
  await hands.choose("Kind of package", "dicom");
  await hands.press("Ask the gate now");
  await seen(page, ".release-check .checklist");
  if ((await page.locator(".release-check .checklist .open").count()) > 0) {
    await hands.press(/^Accept this/);
    await seen(page, ".release-check .checklist .met");
  }
  await hands.press("Start");
  await jobEnds(page);
  await hands.press("Send to a PACS", link);
  await seen(page, "#field-stow");
  await hands.type("Address of the DICOMweb service", archive.url);
  await show(page, "22-send");
  await hands.press("Start");
  await jobEnds(page);
  await seen(page, ".job.done", { hasText: "Send to a PACS" });
  await show(page, "23-sent");

  await hands.press("Study whether they help", link);
  await seen(page, "#study-name");
  await hands.choose("Class to find", "mel");
  await hands.choose("Where synthetic images come from", "run");
  await hands.type("Trainings of each arm", "1", "spinbutton");
  await hands.type("Passes over the images at most", "2", "spinbutton");
  await hands.press("Plan it");
  await seen(page, ".arms");
  await show(page, "24-study-planned");
  await hands.press("Start");
  await seen(page, ".job.running", { hasText: "Study" });
  await hands.press("Study", link);
  await page.waitForTimeout(20_000);
  await show(page, "25-study-running");
  await hands.press("Project", link);
  await seen(page, ".job.done", { hasText: "Study" });
  await show(page, "26-study-done");
}

/** Records of the project's jobs, in the order in which they were asked for. */
function jobsOf(project) {
  const jobs = join(project, "jobs");
  return readdirSync(jobs)
    .filter((name) => /^[0-9a-f]+\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(join(jobs, name), "utf8")))
    .sort((a, b) => (a.created < b.created ? -1 : 1));
}

/** SHA-256 of every file that commands wrote, by its path. */
function sumsOf(project) {
  const sums = new Map();
  for (const entry of readdirSync(project, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const way = relative(project, path);
    if (!entry.isFile() || /^(jobs|uploads|reader-studies)\//.test(way)) continue;
    sums.set(way, createHash("sha256").update(readFileSync(path)).digest("hex"));
  }
  return sums;
}

/** Types the lines of the jobs into a shell in another folder with the same archive, unpacked by `unzip`. */
function typeTheSame(jobs) {
  const typed = join(folder, "typed");
  const [upload] = readdirSync(join(work, "uploads")).filter((name) => !name.startsWith("."));
  mkdirSync(join(typed, "uploads", upload), { recursive: true });
  shell(`unzip -q ${JSON.stringify(zip)} -d ${JSON.stringify(join(typed, "uploads", upload))}`, typed);
  mkdirSync(join(typed, "jobs"));
  for (const name of readdirSync(join(work, "jobs")).filter((one) => one.endsWith(".left-out.txt"))) {
    writeFileSync(join(typed, "jobs", name), readFileSync(join(work, "jobs", name)));
  }
  for (const name of readdirSync(work).filter((one) => /left-out\.txt$|^study(-\d+)?\.json$/.test(one))) {
    writeFileSync(join(typed, name), readFileSync(join(work, name)));
  }
  for (const { line, exit } of jobs) {
    note(`types ${line}`);
    shell(line, typed, [exit ?? 0]);
  }
  const [ours, theirs] = [sumsOf(work), sumsOf(typed)];
  const differ = [...new Set([...ours.keys(), ...theirs.keys()])].filter((way) => ours.get(way) !== theirs.get(way));
  const folders = {};
  for (const way of ours.keys()) {
    const top = way.split("/")[0];
    const { files, equal } = folders[top] ?? { files: 0, equal: 0 };
    folders[top] = { files: files + 1, equal: equal + (ours.get(way) === theirs.get(way) ? 1 : 0) };
  }
  return { folders, differ: differ.sort() };
}

mkdirSync(join(folder, "bin"));
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
writeFileSync(join(folder, "bin/ganglion"), `#!/bin/sh\nexec ${process.execPath} ${main} "$@"\n`);
chmodSync(join(folder, "bin/ganglion"), 0o755);
writeZip(Number(values.images));
const archive = await startArchive();
const studio = await startStudio({ path: work, roots: [join(folder, "photographs")], port: 0, note: () => undefined });
const browser = await chromium.launch({ executablePath: findChromium(), args: ARGUMENTS });
const found = { by: values.by, images: Number(values.images), said: [] };
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB" });
  const page = await context.newPage();
  page.setDefaultTimeout(JOB);
  page.on("pageerror", (error) => found.said.push(String(error)));
  page.on("console", (message) => found.said.push(`${message.type()}: ${message.text()}`));
  await page.goto(studio.url);
  const hands = values.by === "keys" ? await keysOnly(page) : mouseOnly(page);
  try {
    found.lowered = await theJob(page, hands);
    if (values.further) {
      await furtherWork(page, hands, archive);
      found.sent = archive.taken.size;
    }
  } catch (error) {
    await page.screenshot({ path: join(folder, "failed.png"), fullPage: true });
    values.keep = true;
    throw new Error(`${error.message}\nthe page as it was: ${join(folder, "failed.png")}`, { cause: error });
  }
  found.seconds = Math.round((performance.now() - began) / 1000);
  found.presses = hands.count();
  found.said.push(...new Set(hands.said));
  if (values.screenshots !== undefined) await otherPages(page, `http://127.0.0.1:${studio.port}/`);
  await context.close();
  const jobs = jobsOf(work);
  found.jobs = jobs.map(({ state, line }) => `${state}: ${line}`);
  if (values.typed) found.typed = typeTheSame(jobs.filter(({ command }) => command !== "send"));
  const card = readFileSync(join(work, "shared/README.md"), "utf8");
  found.stated = card.split("\n").filter((line) => /accept|in spite/i.test(line));
  found.problems = [...new Set(problems)];
} finally {
  await browser.close();
  await studio.close();
  archive.close();
  if (!values.keep) rmSync(folder, { recursive: true, force: true });
}
const machine = { processor: cpus()[0]?.model, cores: cpus().length, load: loadavg()[0], chromium: browser.version() };
console.log(JSON.stringify({ machine, folder: values.keep ? folder : null, ...found }, null, 2));

// Tables of labels as collections of DICOM publish them, joined to small trees of the same shape.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { type BuiltElement, buildDicom, greyElements } from "../../dicom/read/testing/build-dicom.ts";
import type { ColumnOptions } from "../columns.ts";
import { readDataset } from "../dataset.ts";
import { importDicom } from "./import-dicom.ts";

const root = await temporaryFolder();
let counter = 0;

interface Ids {
  readonly patient?: string;
  readonly study?: string;
  readonly series?: string;
  readonly instance?: string;
}

/** A picture of 2 x 2 pixels, each of its own grey. */
function picture({ patient, study, series, instance }: Ids = {}): Uint8Array {
  counter++;
  const further: BuiltElement[] = [
    [0x00080018, "UI", instance ?? `1.2.77.${counter}`],
    ...(patient === undefined ? [] : ([[0x00100020, "LO", patient]] as BuiltElement[])),
    [0x0020000d, "UI", study ?? `1.3.${counter}`],
    [0x0020000e, "UI", series ?? `1.4.${counter}`],
  ];
  return buildDicom(greyElements(2, 2, Uint8Array.of(counter % 256, 1, 2, 3), further));
}

async function tree(files: Record<string, Uint8Array>, table: string): Promise<{ folder: string; labels: string }> {
  const folder = join(root, `set${counter++}`);
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  const labels = `${folder}.csv`;
  await writeFile(labels, table);
  return { folder, labels };
}

async function joined(files: Record<string, Uint8Array>, table: string, columns: ColumnOptions = {}) {
  const { folder, labels } = await tree(files, table);
  const out = `${folder}-out`;
  const options = { labels: { path: labels, columns }, patient: columns.patient, label: columns.label };
  const plan = await importDicom(folder, out, options);
  const { samples, classes, columns: roles } = await readDataset(out);
  const count = new Map<string, number>();
  for (const { label } of samples) count.set(label, (count.get(label) ?? 0) + 1);
  return {
    plan,
    said: plan.notes.join("\n"),
    classes,
    roles,
    counts: Object.fromEntries([...count].sort()),
    patients: new Set(samples.map(({ patient }) => patient)).size,
    csv: await readFile(join(out, "metadata.csv"), "utf8"),
  };
}

describe("published tables", () => {
  test("RSNA pneumonia: the file by its name, several rows of boxes, one patient each", async () => {
    const ids = ["0004cfab-14fd", "00313ee0-9eaa", "00436515-870c"];
    const files = Object.fromEntries(ids.map((id) => [`stage_2_train_images/${id}.dcm`, picture({ patient: id })]));
    const rows = [
      `${ids[0]},,,,,0`,
      `${ids[1]},264.0,152.0,213.0,379.0,1`,
      `${ids[1]},562.0,152.0,256.0,453.0,1`,
      `${ids[2]},,,,,0`,
    ];
    const found = await joined(files, `patientId,x,y,width,height,Target\n${rows.join("\n")}\n`);
    expect(found.counts).toEqual({ 0: 2, 1: 1 });
    expect(found.patients).toBe(3);
    expect(found.said).toContain("column patientId names the file; 4 of 4 rows match 3 of 3 files");
    expect(found.said).toContain("boxes (x, y, width, height) are kept by their corners (x_min, y_min, x_max, y_max)");
    expect(found.roles.box).toEqual(["x_min", "y_min", "x_max", "y_max"]);
    const boxes = found.csv
      .trim()
      .split("\n")
      .map((line) => line.split(",").slice(1, 6).join(","));
    expect(boxes.sort()).toEqual([
      "0,,,,",
      "0,,,,",
      "1,264.0;562.0,152.0;152.0,477;818,531;605",
      "label,x_min,y_min,x_max,y_max",
    ]);
  });

  test("VinDr-CXR: findings of several readers an image become a combination, or one class against the rest", async () => {
    const files = { "train/50a418.dicom": picture(), "train/21a10.dicom": picture() };
    const table =
      "image_id,class_name,class_id,rad_id\n50a418,Aortic enlargement,0,R8\n50a418,Cardiomegaly,3,R9\n21a10,No finding,14,R11\n";
    expect((await joined(files, table)).classes).toEqual(["Aortic enlargement|Cardiomegaly", "No finding"]);
    const one = await joined(files, table, { multiLabel: "one:Cardiomegaly" });
    expect(one.counts).toMatchObject({ Cardiomegaly: 1 });
  });

  test("VinDr-CXR with boxes of several readers: by corners, equal ones once, moved along by a crop", async () => {
    const wide = buildDicom(
      greyElements(
        4,
        8,
        Uint8Array.from({ length: 32 }, (_, i) => i),
        [[0x00080018, "UI", "1.2.78.1"]],
      ),
    );
    const files = { "train/50a418.dicom": wide, "train/21a10.dicom": picture() };
    const table =
      "image_id,class_name,class_id,rad_id,x_min,y_min,x_max,y_max\n50a418,Nodule,0,R8,2,0,4,2\n50a418,Nodule,0,R9,3,1,6,4\n50a418,Nodule,0,R9,3,1,6,4\n21a10,No finding,14,R11,,,,\n";
    const { folder, labels } = await tree(files, table);
    const rows = async (size: number | undefined) => {
      const out = `${folder}-${size}`;
      await importDicom(folder, out, { labels: { path: labels, columns: {} }, size });
      const { samples } = await readDataset(out);
      const names = ["x_min", "y_min", "x_max", "y_max"];
      return Object.fromEntries(samples.map(({ label, attributes }) => [label, names.map((name) => attributes[name])]));
    };
    expect(await rows(undefined)).toEqual({ "No finding": ["", "", "", ""], Nodule: ["2;3", "0;1", "4;6", "2;4"] });
    // The centre square is from 2 to 6; its 4 pixels become 2.
    expect((await rows(2)).Nodule).toEqual(["0;0.5", "0;0.5", "1;2", "1;2"]);
  });

  test("boxes of a table that names studies are not carried over", async () => {
    const found = await joined(
      { "a.dcm": picture({ study: "1.3.9.9" }) },
      "StudyInstanceUID,label,x_min,y_min,x_max,y_max\n1.3.9.9,a,0,0,1,1\n",
    );
    expect([found.roles.box, found.said]).toEqual([
      undefined,
      expect.stringContaining("are not carried over: the table names the study"),
    ]);
  });

  test("INbreast: a number with which the name of the file begins", async () => {
    const found = await joined(
      {
        "AllDICOMs/20586908_6c613a14b80a8591_MG_R_CC_ANON.dcm": picture(),
        "AllDICOMs/22427751_036aff49_MG_L_ML_ANON.dcm": picture(),
      },
      "Patient ID;Patient age;File Name;ACR;Bi-Rads\nremoved;removed;20586908;3;1\nremoved;removed;22427751;2;4a\n",
    );
    expect(found.counts).toEqual({ 1: 1, "4a": 1 });
    expect(found.patients).toBe(2);
  });

  test("CBIS-DDSM: UIDs within paths of another download, patients of the table, pathology", async () => {
    const series = [1, 2, 3].map((i) => `1.3.6.1.4.1.9590.100.1.2.${i}00${i}`);
    const files = Object.fromEntries(
      series.map((uid, i) => [
        `CBIS-DDSM/Mass-Training_P_0000${i}/${i}/1-1.dcm`,
        picture({ series: uid, patient: `Mass-Training_P_${i}_CC` }),
      ]),
    );
    const row = (uid: string, patient: string, pathology: string) =>
      `${patient},LEFT,CC,${pathology},Mass-Training_${patient}/1.3.6.1.4.1.9590.7/${uid}/000000.dcm`;
    const table = [
      "patient_id,left or right breast,image view,pathology,image file path",
      row(series[0]!, "P_00001", "MALIGNANT"),
      row(series[1]!, "P_00001", "BENIGN"),
      row(series[2]!, "P_00004", "BENIGN"),
      row("1.3.6.1.4.1.9590.999", "P_00009", "BENIGN"),
    ].join("\n");
    const found = await joined(files, `${table}\n`);
    expect(found.counts).toEqual({ BENIGN: 2, MALIGNANT: 1 });
    // The identifier in the files differs by view; the table says who the patients are.
    expect(found.patients).toBe(2);
    expect(found.said).toMatch(/1 row of .* matches no file \(line 5: Mass-Training_P_00009/);
    expect(found.csv).not.toContain("P_0000");
  });

  test("SIIM COVID-19: columns of 0 and 1 by study", async () => {
    const studies = ["00086460a852", "000c9c05fd14", "00292f8c37bd"];
    const files = Object.fromEntries(
      studies.map((study, i) => [`train/${study}/s${i}/f${i}.dcm`, picture({ study, patient: `p${i}` })]),
    );
    const table = `id,Negative for Pneumonia,Typical Appearance,Atypical Appearance\n${studies
      .map((study, i) => `${study}_study,${[0, 1, 2].map((k) => Number(k === i)).join(",")}`)
      .join("\n")}\n`;
    const found = await joined(files, table);
    expect(found.classes).toEqual(["Atypical Appearance", "Negative for Pneumonia", "Typical Appearance"]);
    expect(found.said).toMatch(/names the (folder|study)/);
  });

  test("SIIM pneumothorax: the instance, named by its UID", async () => {
    const uids = ["1.2.276.0.7230010.3.1.4.1", "1.2.276.0.7230010.3.1.4.2"];
    const files = Object.fromEntries(uids.map((instance, i) => [`x/${i}/y.dcm`, picture({ instance })]));
    const found = await joined(files, `ImageId,label,fold\n${uids[0]},pneumothorax,0\n${uids[1]},none seen,1\n`);
    expect(found.counts).toEqual({ "none seen": 1, pneumothorax: 1 });
    expect(found.said).toContain("column ImageId names the instance (SOP Instance UID)");
  });

  test("TCIA's own metadata.csv: by series, with the column that is said", async () => {
    const files = {
      "manifest/A/P-1/a/1.dcm": picture({ series: "1.5.6.1", patient: "P-1" }),
      "manifest/A/P-1/a/2.dcm": picture({ series: "1.5.6.1", patient: "P-1" }),
      "manifest/B/P-2/b/1.dcm": picture({ series: "1.5.6.2", patient: "P-2" }),
    };
    const table =
      "Series UID,Collection,Subject ID,File Location\n1.5.6.1,LUNG,P-1,./A/P-1/a\n1.5.6.2,BREAST,P-2,./B/P-2/b\n";
    const found = await joined(files, table, { label: "Collection" });
    expect(found.counts).toEqual({ BREAST: 1, LUNG: 2 });
    expect(found.said).toContain("column Series UID names the series; 2 of 2 rows match 3 of 3 files");
    const byFolder = await joined(files, table, { label: "Collection", file: "File Location" });
    expect(byFolder.counts).toEqual({ BREAST: 1, LUNG: 2 });
  });

  test("a table of patients with a split", async () => {
    const files = { "a.dcm": picture({ patient: "TCGA-01" }), "b.dcm": picture({ patient: "TCGA-02" }) };
    const found = await joined(files, "case_id,grade,split\nTCGA-01,G2,Training\nTCGA-02,G3,test\n");
    expect(found.counts).toEqual({ G2: 1, G3: 1 });
    expect(found.roles).toMatchObject({ label: "label", split: "split", patient: "patient_id" });
    expect(found.csv).toMatch(/,train,/);
  });
});

describe("what does not meet", () => {
  test("rows and files are counted and named, files without a row or a label left out", async () => {
    const files = { "x1a.dcm": picture(), "x2a.dcm": picture(), "x3a.dcm": picture() };
    const found = await joined(files, "file,dx\nx1a,a\nx2a,nan\nx9a.dcm,b\n");
    expect(found.counts).toEqual({ a: 1 });
    expect(found.plan.skipped).toMatchObject({ "without a label": 2 });
    expect(found.said).toMatch(/1 row of .* matches no file \(line 4: x9a\.dcm\)/);
    expect(found.said).toMatch(/1 file has no row in .* and is left out \(x3a\.dcm\)/);
  });

  const ambiguous = async (files: Record<string, Uint8Array>, table: string, columns: ColumnOptions = {}) => {
    const { folder, labels } = await tree(files, table);
    return failure(importDicom(folder, `${folder}-out`, { labels: { path: labels, columns } }));
  };

  test("a name that fits several files is refused with the flag, and another column settles it", async () => {
    const files = {
      "s1/im_1.dcm": picture({ study: "1.8.1", patient: "A1x" }),
      "s2/im_1.dcm": picture({ study: "1.8.2", patient: "B2x" }),
    };
    const table = "name,study,dx\nim_1.dcm,1.8.1,a\nim_1.dcm,1.8.2,b\n";
    const error = await ambiguous(files, table);
    expect(error.message).toMatch(
      /"im_1\.dcm" fits 2 files alike \(s1\/im_1\.dcm, s2\/im_1\.dcm\).*--file COL \[ambiguous-join\]/,
    );
    expect((await joined(files, table, { file: "study" })).counts).toEqual({ a: 1, b: 1 });
  });

  test("two columns that name different files are refused with the flags", async () => {
    const files = { "aa1.dcm": picture(), "aa2.dcm": picture() };
    const table = "left_scan,right_scan,dx\naa1,aa2,a\naa2,aa1,b\n";
    const error = await ambiguous(files, table);
    expect(error.message).toMatch(/--file "left_scan" \(the file\) or --file "right_scan" \(the file\)/);
    expect((await joined(files, table, { file: "right_scan" })).counts).toEqual({ a: 1, b: 1 });
  });

  test("a row whose identifiers are of two files is refused", async () => {
    const files = {
      "a.dcm": picture({ instance: "1.7.1", study: "1.8.1" }),
      "b.dcm": picture({ instance: "1.7.2", study: "1.8.2" }),
    };
    const error = await ambiguous(files, "sop_uid,study_uid,dx\n1.7.1,1.8.1,a\n1.7.2,1.8.1,b\n");
    expect(error.problems.map(({ code, path }) => [code, path.split(":")[1]])).toEqual([["ambiguous-join", "3"]]);
  });

  test("a study with two labels is refused unless somebody chose", async () => {
    const files = { "a.dcm": picture({ study: "1.8.5" }), "b.dcm": picture({ study: "1.8.5" }) };
    const table = "study_uid,dx\n1.8.5,a\n1.8.5,b\n";
    expect((await ambiguous(files, table)).message).toMatch(
      /2 rows give the study "1\.8\.5" the labels a, b.*--multi-label/,
    );
    expect((await joined(files, table, { multiLabel: "combination" })).counts).toEqual({ "a|b": 2 });
  });

  test("a table that names nothing, has no label, or no such column", async () => {
    const files = { "aa1.dcm": picture() };
    expect((await ambiguous(files, "who,dx\nzz9,a\n")).message).toMatch(
      /no column names an instance, file.*--file COL/,
    );
    expect((await ambiguous(files, "file,weight\naa1,3\n")).message).toMatch(
      /no column looks like a label.*--label COL/,
    );
    expect((await ambiguous(files, "file,dx\naa1,a\n", { file: "id" })).message).toContain('no column "id" (--file)');
  });
});

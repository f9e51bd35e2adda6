// Published collections whose classes stand in texts, as they are unpacked: names and forms as published, pixels invented.
import { describe, expect, test } from "vitest";
import { failure } from "../../core/testing/fixtures.ts";
import { images, masksOf, perClass, read, said, several, splitsOf } from "./testing/layout-trees.ts";

describe("texts are tables where their lines name the images", () => {
  test("MIAS: a header, spaces, rows of three and of seven cells, two findings of one image", async () => {
    const set = await read([
      several(5, (i) => `all-mias/mdb00${i}.png`),
      {
        "all-mias/Info.txt":
          "REFNUM BG CLASS SEVERITY X Y RADIUS \nmdb001 G CIRC B 535 425 197\nmdb002 G CIRC B 522 280 69\nmdb003 D NORM \nmdb004 D NORM\nmdb005 F CIRC B 477 133 30\nmdb005 F ASYM B 500 168 26\n",
        "all-mias/README": "x",
      },
    ]);
    expect(set.columns).toMatchObject({ label: "CLASS" });
    expect(perClass(set)).toEqual({ "ASYM|CIRC": 1, CIRC: 2, NORM: 2 });
    expect(set.samples[0]!.attributes).toMatchObject({ BG: "G", SEVERITY: "B", RADIUS: "197" });
    expect(set.samples[2]!.attributes).toMatchObject({ SEVERITY: "", RADIUS: "" });
    expect(said(set)).toMatch(/Info\.txt: the text is read as a table, cells separated by spaces/);
  });

  test("DDR: a list of images and grades for each split", async () => {
    const list = (split: string, n: number) => ({
      [`DR_grading/${split}.txt`]: Array.from({ length: n }, (_, i) => `007-${split}${i + 1}-000.jpg ${i % 2}`).join(
        "\n",
      ),
    });
    const set = await read([
      ...[3, 2, 2].map((n, k) =>
        several(
          n,
          (i) => `DR_grading/${["train", "valid", "test"][k]}/007-${["train", "valid", "test"][k]}${i}-000.jpg`,
        ),
      ),
      ...[list("train", 3), list("valid", 2), list("test", 2)],
    ]);
    expect([set.columns.label, perClass(set), splitsOf(set)]).toEqual([
      "label",
      { 0: 4, 1: 3 },
      ["test", "train", "val"],
    ]);
  });

  test("COVIDx: patient, file, class and source; the column of the class is named with --label", async () => {
    const parts = [
      several(4, (i) => `train/c${i}.png`),
      several(2, (i) => `test/d${i}.png`),
      {
        "train.txt":
          "1 c1.png negative rsna\n2 c2.png positive cohen\n3 c3.png negative rsna\n4 c4.png negative rsna\n",
        "test.txt": "9 d1.png negative rsna\n9 d2.png positive cohen\n",
      },
    ];
    expect(said(await read(parts))).toMatch(/no column looks like a label.*column_1, column_2, column_3, column_4/);
    const set = await read(parts, { label: "column_3", patient: "column_1" });
    expect([perClass(set), splitsOf(set)]).toEqual([{ negative: 4, positive: 2 }, ["test", "train"]]);
    expect(set.samples.find(({ fileName }) => fileName === "test/d2.png")!.patient).toBe("9");
  });

  test("PH2: cells between double bars, a legend below", async () => {
    const ids = ["IMD003", "IMD009", "IMD016"];
    const at = (id: string) => `PH2Dataset/PH2 Dataset images/${id}`;
    const set = await read(
      [
        images(
          ...ids.flatMap((id) => [
            `${at(id)}/${id}_Dermoscopic_Image/${id}.bmp`,
            `${at(id)}/${id}_lesion/${id}_lesion.bmp`,
          ]),
        ),
        {
          "PH2Dataset/PH2_dataset.txt":
            "||   Name || Histological Diagnosis || Clinical Diagnosis || Asymmetry || \n|| IMD003 ||  ||  0 ||  0 || \n|| IMD009 || Nevus ||  1 ||  0 || \n|| IMD016 ||  ||  2 ||  0 || \n\nLegends:\nClinical Diagnosis:\n",
        },
      ],
      { label: "Clinical Diagnosis" },
    );
    expect(perClass(set)).toEqual({ 0: 1, 1: 1, 2: 1 });
    expect(masksOf(set)[0]).toHaveLength(2);
  });

  test("a text is named with --table, also beside tables", async () => {
    const parts = [
      several(3, (i) => `im/x${i}.png`),
      { "ages.csv": "image,age\nx1,1\nx2,2\nx3,3\n", "classes.txt": "x1\tnv\nx2\tmel\nx3\tnv\n" },
    ];
    expect(perClass(await read(parts, { table: "classes.txt" }))).toEqual({ mel: 1, nv: 2 });
    expect((await failure(read(parts, { table: "other.txt" }))).message).toMatch(/there is no table "other\.txt"/);
  });

  test("no table: lists of names alone, several lists of one split, a description that mentions images", async () => {
    const files = several(3, (i) => `im/x${i}.png`);
    for (const texts of [
      { "names.txt": "x1.png\nx2.png\nx3.png\n" },
      { "a_train.txt": "x1 -1\nx2 1\n", "b_train.txt": "x1 1\nx2 -1\n", "a_val.txt": "x3 1\n", "b_val.txt": "x3 1\n" },
      { "README.txt": "Images of skin.\nx1.png shows a nevus\nof the back.\nThe others do not.\n" },
    ])
      expect([texts, said(await read([files, texts]))]).toEqual([
        texts,
        expect.not.stringMatching(/as a table|names the images/),
      ]);
  });
});

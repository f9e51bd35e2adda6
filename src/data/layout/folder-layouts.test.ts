// Published collections whose folders say what their images are, as they are unpacked: names and columns as published, pixels and values invented.
import { describe, expect, test } from "vitest";
import { failure } from "../../core/testing/fixtures.ts";
import { images, masksOf, perClass, read, said, several, splitsOf } from "./testing/layout-trees.ts";

describe("folders", () => {
  test("MURA: parts of the body, patients, studies by their outcome; lists of paths without a header", async () => {
    const at = (split: string, part: string, n: number, outcome: string) =>
      `MURA-v1.1/${split}/XR_${part}/patient0000${n}/study1_${outcome}/image1.png`;
    const trained = [at("train", "WRIST", 1, "positive"), at("train", "HAND", 2, "negative")];
    const valid = [at("valid", "WRIST", 8, "negative"), at("valid", "HAND", 9, "positive")];
    const set = await read([
      images(...trained, ...valid),
      {
        "MURA-v1.1/train_image_paths.csv": `${trained.join("\n")}\n`,
        "MURA-v1.1/valid_image_paths.csv": `${valid.join("\n")}\n`,
        "MURA-v1.1/train_labeled_studies.csv": trained
          .map((path, i) => `${path.replace("image1.png", "")},${1 - i}\n`)
          .join(""),
      },
    ]);
    // Parts and outcomes cross: which of them is the class has to be said.
    expect([set.classes, splitsOf(set)]).toEqual([[""], ["train", "val"]]);
    expect(set.samples.map(({ patient }) => patient)).toContain("patient00008");
    expect(said(set)).toMatch(/--label folder_2[\s\S]+--label folder_4/);
    // The lists lie below the folder that their paths begin with.
    expect(said(set)).not.toMatch(/another spelling/);
  });

  test("SIIM-ISIC 2020 of Kaggle: JPEG and DICOM of one name, test images without a diagnosis", async () => {
    const set = await read([
      images("jpeg/train/ISIC_0011.jpg", "jpeg/train/ISIC_0012.jpg", "jpeg/test/ISIC_0091.jpg"),
      {
        "train/ISIC_0011.dcm": "x",
        "train.csv":
          "image_name,patient_id,sex,diagnosis,benign_malignant,target\nISIC_0011,IP_1,male,unknown,benign,0\nISIC_0012,IP_2,male,nevus,benign,0\n",
        "test.csv": "image_name,patient_id,sex\nISIC_0091,IP_3,male\n",
      },
    ]);
    expect(perClass(set)).toEqual({ nevus: 1, unknown: 1 });
    expect(said(set)).toMatch(/left out: DICOM images \(1\)/);
    expect(said(set)).toMatch(/1 image that test\.csv names is not in train\.csv, whose rows are taken/);
    expect(said(set)).toMatch(/1 image that train\.csv does not name is left out \("?jpeg\/test/);
  });

  test("COVID-CT and Kvasir v2: lists and tables that divide the images", async () => {
    const covid = await read([
      several(2, (i) => `Images-processed/CT_COVID/a${i}.png`),
      several(2, (i) => `Images-processed/CT_NonCOVID/${i}b.jpg`),
      {
        "Data-split/COVID/trainCT_COVID.txt": "a1.png\n",
        "Data-split/COVID/testCT_COVID.txt": "a2.png\n",
        "Data-split/NonCOVID/trainCT_NonCOVID.txt": "1b.jpg\n",
        "Data-split/NonCOVID/testCT_NonCOVID.txt": "2b.jpg\n",
      },
    ]);
    expect([perClass(covid), splitsOf(covid)]).toEqual([{ CT_COVID: 2, CT_NonCOVID: 2 }, ["test", "train"]]);
    const kvasir = await read([
      images("polyps/p1.jpg", "polyps/p2.jpg", "cecum/c1.jpg", "cecum/c2.jpg"),
      {
        "split_0.csv": "file-name;class-name\np1.jpg;polyps\nc1.jpg;cecum\n",
        "split_1.csv": "file-name;class-name\np2.jpg;polyps\nc2.jpg;cecum\n",
      },
    ]);
    expect([kvasir.columns.label, perClass(kvasir)]).toEqual(["class-name", { cecum: 2, polyps: 2 }]);
  });

  test("REFUGE and ISIC 2018 task 1: images and truths of each split", async () => {
    const refuge = await read(
      ["train", "val"].flatMap((split) => [
        several(2, (i) => `REFUGE/${split}/Images/${split}000${i}.jpg`),
        several(2, (i) => `REFUGE/${split}/gts/${split}000${i}.bmp`),
      ]),
    );
    expect([splitsOf(refuge), masksOf(refuge).every((own) => own.length === 2)]).toEqual([["train", "val"], true]);
    const isic = await read(
      ["Training", "Validation"].flatMap((split, k) => [
        images(`ISIC2018_Task1-2_${split}_Input/ISIC_000000${k}.jpg`),
        images(`ISIC2018_Task1_${split}_GroundTruth/ISIC_000000${k}_segmentation.png`),
      ]),
    );
    expect([splitsOf(isic), masksOf(isic).every((own) => own.length === 2)]).toEqual([["train", "val"], true]);
  });

  test("slices of OASIS: ids of sessions, the dementia rating", async () => {
    const set = await read([
      several(2, (i) => `imgs/OAS1_000${i}_MR1.png`),
      {
        "oasis_cross-sectional.csv":
          "ID,M/F,Hand,Age,CDR,Delay\nOAS1_0001_MR1,F,R,74,0,N/A\nOAS1_0002_MR1,F,R,55,0.5,N/A\n",
      },
    ]);
    expect([set.columns.label, perClass(set)]).toEqual(["CDR", { 0: 1, 0.5: 1 }]);
  });

  test("malaria cell images of Kaggle: the whole once more in a folder beside the classes", async () => {
    const set = await read([
      ...["cell_images", "cell_images/cell_images"].flatMap((root) =>
        ["Parasitized", "Uninfected"].map((name) => several(2, (i) => `${root}/${name}/${name}_${i}.png`)),
      ),
    ]);
    expect(perClass(set)).toEqual({ Parasitized: 4, Uninfected: 4 });
  });

  test("OCT2017, Alzheimer MRI, brain tumours: splits around classes, a space behind a name", async () => {
    for (const [root, train, test, names] of [
      ["OCT2017 ", "train", "test", ["CNV", "NORMAL"]],
      ["Alzheimer_s Dataset", "train", "test", ["MildDemented", "NonDemented"]],
      ["brain", "Training", "Testing", ["glioma_tumor", "no_tumor"]],
    ] as const) {
      const set = await read(
        [train, test].flatMap((split) => names.map((name) => images(`${root}/${split}/${name}/${split}1.jpg`))),
      );
      expect([set.classes, splitsOf(set)]).toEqual([[...names], ["test", "train"]]);
    }
  });

  test("BACH: a table without a header that repeats the folders, thumbnails of slides beside", async () => {
    const set = await read([
      images("BACH/Photos/Benign/b001.tif", "BACH/Photos/Benign/b002.tif", "BACH/Photos/InSitu/is001.tif"),
      images("BACH/WSI/gt_thumbnails/A01.png"),
      {
        "BACH/Photos/ground_truth.csv": "b001.tif,Benign\nb002.tif,Benign\nis001.tif,InSitu\n",
        "BACH/WSI/A01.svs": "x",
      },
    ]);
    expect(perClass(set)).toEqual({ Benign: 2, InSitu: 1 });
    expect(said(set)).toMatch(/1 image that .* does not name is left out/);
  });

  test("a split within a split, as train/val beside train/a, is not passed over", async () => {
    const parts = ["train", "train/val"].flatMap((at) =>
      ["a", "b"].map((name) => images(`${at}/${name}/${at.length}${name}.png`)),
    );
    expect((await failure(read(parts))).message).toMatch(
      /folder_2 \(a, b, val\) as the class.*val by the name no class/,
    );
  });

  test("Shenzhen, PAPILA: one folder of images is no class, whatever stands before that in its name", async () => {
    for (const name of ["ChinaSet_AllFiles/CXR_png", "PAPILA/FundusImages"])
      expect((await read([several(2, (i) => `${name}/CHNCXR_000${i}_0.png`)])).classes).toEqual([""]);
    expect((await read([several(2, (i) => `set/melanoma/${i}.png`)])).classes).toEqual(["melanoma"]);
  });

  test("BraTS as slices: folders of patients called after the training are patients", async () => {
    const at = (n: number) => `BraTS20_Training_00${n}`;
    const parts = [1, 2].map((n) => several(2, (i) => `${at(n)}/${at(n)}_s${i}.png`));
    expect((await failure(read(parts))).message).toContain("--patient folder_1");
    expect(splitsOf(await read(parts, { patient: "folder_1" }))).toEqual([undefined]);
  });

  test("MURA of one part of the body: studies by their outcome, whatever their number", async () => {
    const at = (n: number, study: string) => `MURA-v1.1/train/XR_HAND/patient0000${n}/${study}/image1.png`;
    const set = await read([images(at(1, "study1_positive"), at(1, "study2_negative"), at(2, "study1_negative"))]);
    expect(perClass(set)).toEqual({ negative: 2, positive: 1 });
  });

  test("lung and colon of LC25000, TCGA of LGG: levels are named, numbers not guessed", async () => {
    const lc = await read(
      [
        ["lung", "aca"],
        ["lung", "n"],
        ["colon", "n"],
      ].map(([organ, kind]) => several(2, (i) => `set/${organ}_image_sets/${organ}_${kind}/${i}${organ}${kind}.jpeg`)),
    );
    expect(said(lc)).toContain("--label folder_2");
    const person = "TCGA_CS_4941_19960909";
    const other = "TCGA_DU_5855_19951217";
    const parts = [person, other].map((name) => images(`k/${name}/${name}_1.tif`, `k/${name}/${name}_1_mask.tif`));
    expect((await failure(read(parts))).message).toContain("--patient folder_1");
    expect(masksOf(await read(parts, { patient: "folder_1" }))[0]).toEqual([
      `k/${person}/${person}_1.tif`,
      `k/${person}/${person}_1_mask.tif`,
    ]);
  });

  test.each([
    ["camelyonpatch_level_2_split_train_x.h5", /1 HDF5 files, which are not read: save their images as PNG/],
    ["set.tfrecord", /1 TFRecord files.*save their images as PNG/],
    ["scans/a.pbm", /PBM\) images, which are not read: convert them to PNG/],
    ["camelyonpatch_train_x.h5.gz", /1 archives, which are not read: unpack them/],
    ["disc1/OAS1_0001_MR1.hdr", /Analyze images, which are not read: convert them to NIfTI/],
  ])("nothing but %s: named, with what to do", async (name, message) => {
    expect((await failure(read([{ [name]: "x" }]))).message).toMatch(message);
  });
});

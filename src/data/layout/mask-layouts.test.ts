// Published collections with masks, as they are unpacked: names and columns as published, pixels and values invented.
import { describe, expect, test } from "vitest";
import { failure } from "../../core/testing/fixtures.ts";
import { images, masksOf, perClass, read, said, several, splitsOf } from "./testing/layout-trees.ts";

describe("masks", () => {
  test("Montgomery: left and right lung in folders of a folder of masks", async () => {
    const set = await read([
      several(2, (i) => `MontgomerySet/CXR_png/MCUCXR_000${i}_0.png`),
      several(2, (i) => `MontgomerySet/ManualMask/leftMask/MCUCXR_000${i}_0.png`),
      several(2, (i) => `MontgomerySet/ManualMask/rightMask/MCUCXR_000${i}_0.png`),
    ]);
    expect(masksOf(set)).toEqual(
      [1, 2].map((i) =>
        ["CXR_png", "ManualMask/leftMask", "ManualMask/rightMask"].map(
          (part) => `MontgomerySet/${part}/MCUCXR_000${i}_0.png`,
        ),
      ),
    );
  });

  test("CHASE_DB1: two observers beside the photograph", async () => {
    const set = await read([
      images("Image_01L.jpg", "Image_01L_1stHO.png", "Image_01L_2ndHO.png", "Image_01R.jpg", "Image_01R_1stHO.png"),
    ]);
    expect(masksOf(set)).toEqual([
      ["Image_01L.jpg", "Image_01L_1stHO.png", "Image_01L_2ndHO.png"],
      ["Image_01R.jpg", "Image_01R_1stHO.png"],
    ]);
  });

  test("DRIVE: vessels and the field of view, called after the number alone", async () => {
    const at = (split: string, n: number) => [
      `${split}/images/${n}_${split}.tif`,
      `${split}/1st_manual/${n}_manual1.png`,
      `${split}/mask/${n}_${split}_mask.png`,
    ];
    const set = await read([images(...at("training", 21), ...at("training", 22), ...at("test", 1), ...at("test", 2))]);
    expect(splitsOf(set)).toEqual(["test", "train"]);
    expect(masksOf(set)).toContainEqual(at("training", 21));
    expect(set.samples).toHaveLength(4);
  });

  test("IDRiD: numbered folders, one of each lesion, what is masked behind the name", async () => {
    const root = "A. Segmentation";
    const [train, truth] = [
      `${root}/1. Original Images/a. Training Set`,
      `${root}/2. All Segmentation Groundtruths/a. Training Set`,
    ];
    const set = await read([
      images(`${train}/IDRiD_01.jpg`, `${root}/1. Original Images/b. Testing Set/IDRiD_55.jpg`),
      images(`${truth}/1. Microaneurysms/IDRiD_01_MA.tif`, `${truth}/2. Haemorrhages/IDRiD_01_HE.tif`),
    ]);
    expect(splitsOf(set)).toEqual(["test", "train"]);
    expect(masksOf(set)[0]).toEqual([
      `${train}/IDRiD_01.jpg`,
      `${truth}/1. Microaneurysms/IDRiD_01_MA.tif`,
      `${truth}/2. Haemorrhages/IDRiD_01_HE.tif`,
    ]);
  });

  test("TN3K: folders of images and masks for each split, whose files are called alike", async () => {
    const set = await read(
      ["trainval", "test"].flatMap((split) => [
        several(2, (i) => `TN3K/${split}-image/000${i}.jpg`),
        several(2, (i) => `TN3K/${split}-mask/000${i}.jpg`),
      ]),
    );
    expect(splitsOf(set)).toEqual(["test", "train"]);
    for (const [image, ...masks] of masksOf(set)) expect(masks).toEqual([image!.replace("-image", "-mask")]);
  });

  test("LIDC as slices: a folder for each reader, in each nodule", async () => {
    const at = (p: number, part: string) => `LIDC-IDRI-slices/LIDC-IDRI-000${p}/nodule-0/${part}/slice-0.png`;
    const set = await read(
      [1, 2].map((p) => images(at(p, "images"), ...[0, 1, 2, 3].map((reader) => at(p, `mask-${reader}`)))),
      { patient: "folder_1" },
    );
    expect(set.samples.map(({ patient }) => patient)).toEqual(["LIDC-IDRI-0001", "LIDC-IDRI-0002"]);
    expect(masksOf(set)[1]).toEqual([at(2, "images"), ...[0, 1, 2, 3].map((reader) => at(2, `mask-${reader}`))]);
  });

  test("Data Science Bowl 2018: a folder for each image with the masks of its nuclei under names of their own", async () => {
    const at = (id: string, part: string, name: string) => `stage1_train/${id}/${part}/${name}.png`;
    const ids = ["00071198d059ba7f", "003cee89357d9fe1"];
    const set = await read(
      ids.map((id, i) => images(at(id, "images", id), at(id, "masks", `a${i}07d3`), at(id, "masks", `b${i}6f21`))),
      { label: "" },
    );
    expect(masksOf(set)).toEqual(
      ids.map((id, i) => [at(id, "images", id), at(id, "masks", `a${i}07d3`), at(id, "masks", `b${i}6f21`)]),
    );
  });

  test("PH2: a folder for each image with folders of its lesion and colours", async () => {
    const at = (id: string, part: string, name: string) =>
      `PH2Dataset/PH2 Dataset images/${id}/${id}_${part}/${name}.bmp`;
    const ids = ["IMD002", "IMD003"];
    const parts = ids.map((id) =>
      images(at(id, "Dermoscopic_Image", id), at(id, "lesion", `${id}_lesion`), at(id, "roi", `${id}_R1_Label3`)),
    );
    expect((await failure(read(parts))).message).toMatch(
      /folder_1 \(IMD002, IMD003\) as the patient: --patient folder_1/,
    );
    const set = await read(parts, { patient: "folder_1" });
    expect([set.classes, set.samples.map(({ patient }) => patient)]).toEqual([[""], ids]);
    expect(masksOf(set)[0]!.slice(0, 2)).toEqual([
      at("IMD002", "Dermoscopic_Image", "IMD002"),
      at("IMD002", "lesion", "IMD002_lesion"),
    ]);
  });

  test("BUS-BRA: masks with a word before the number; two tables that agree on the class", async () => {
    const set = await read([
      several(2, (i) => `BUSBRA/Images/bus_000${i}-l.png`),
      several(2, (i) => `BUSBRA/Masks/mask_000${i}-l.png`),
      {
        "BUSBRA/bus_data.csv":
          "ID,Case,Histology,Pathology,BIRADS,Device,Side\nbus_0001-l,1,Fibroadenoma,benign,3,GE,left\nbus_0002-l,2,IDC,malignant,4,GE,left\n",
        "BUSBRA/5-fold-cv.csv":
          "ID,Case,Histology,Pathology,BIRADS,kFold\nbus_0001-l,1,Fibroadenoma,benign,3,1\nbus_0002-l,2,IDC,malignant,4,2\n",
      },
    ]);
    expect(perClass(set)).toEqual({ benign: 1, malignant: 1 });
    expect(set.samples[1]).toMatchObject({
      patient: "2",
      mask: "BUSBRA/Masks/mask_0002-l.png",
      attributes: { kFold: "2", Side: "left" },
    });
  });

  test("STARE: labels of two readers by their initials", async () => {
    const at = (n: number) => [
      `stare-images/im000${n}.ppm`,
      `labels-ah/im000${n}.ah.ppm`,
      `labels-vk/im000${n}.vk.ppm`,
    ];
    const set = await read([images(...at(1), ...at(2))]);
    expect([set.classes, masksOf(set)]).toEqual([[""], [at(1), at(2)]]);
  });

  test("DRIVE as it is published: truths as GIF", async () => {
    const set = await read([
      images("DRIVE/training/images/21_training.tif", "DRIVE/test/images/01_test.tif"),
      images("DRIVE/training/1st_manual/21_manual1.gif", "DRIVE/test/1st_manual/01_manual1.gif"),
    ]);
    expect(masksOf(set)).toEqual([
      ["DRIVE/test/images/01_test.tif", "DRIVE/test/1st_manual/01_manual1.gif"],
      ["DRIVE/training/images/21_training.tif", "DRIVE/training/1st_manual/21_manual1.gif"],
    ]);
  });

  test("BrEaST: tumours and other findings beside the image; without an image they are images", async () => {
    const set = await read([images("B/case001.png", "B/case001_tumor.png", "B/case002.png", "B/case002_other1.png")]);
    expect(masksOf(set)).toEqual([
      ["B/case001.png", "B/case001_tumor.png"],
      ["B/case002.png", "B/case002_other1.png"],
    ]);
    expect((await read([images("a/glioma_tumor.png", "b/pituitary_tumor.png")])).classes).toEqual(["a", "b"]);
  });

  test("GlaS and HC18: _anno and _Annotation beside the images", async () => {
    const glas = await read([
      images("Warwick QU/train_1.bmp", "Warwick QU/train_1_anno.bmp", "Warwick QU/testA_1.bmp"),
      { "Warwick QU/Grade.csv": "name, patient ID, grade (GlaS)\ntrain_1, 1, benign\ntestA_1, 2, malignant\n" },
    ]);
    expect(masksOf(glas)).toEqual([
      ["Warwick QU/train_1.bmp", "Warwick QU/train_1_anno.bmp"],
      ["Warwick QU/testA_1.bmp"],
    ]);
    expect(glas.classes).toEqual([""]);
    expect((await read([images("001_HC.png", "001_HC_Annotation.png")])).samples).toHaveLength(1);
  });

  test("people with masks, and a folder of masks that belongs to no image, are as before", async () => {
    expect((await read([images("facemask/1.png", "no_mask/1.png")])).classes).toEqual(["facemask", "no_mask"]);
    const set = await read([several(2, (i) => `images/p1_00${i}.png`), images("masks/p1_001.png", "masks/p1_009.png")]);
    expect(masksOf(set)).toEqual([["images/p1_001.png", "masks/p1_001.png"], ["images/p1_002.png"]]);
    expect(said(set)).toMatch(/1 file is a mask by its name and belongs to no image/);
  });
});

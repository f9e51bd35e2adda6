// Public collections as they are unpacked, in small: names and columns as published, pixels and values invented.
import { join } from "node:path";
import { expect, test } from "vitest";
import { failure } from "../../core/testing/fixtures.ts";
import { readDataset } from "../dataset.ts";
import { medmnist, npzBytes } from "../testing/fixtures.ts";
import type { Dataset } from "../types.ts";
import { images, perClass, planted, several, splitsOf, type Tree } from "./testing/layout-trees.ts";

const tree = (...parts: Tree[]) => planted(parts);

const patientsOf = ({ samples }: Dataset) => new Set(samples.map(({ patient }) => patient)).size;

test("HAM10000 of Kaggle: parts of images, their table beside them, pixels as csv", async () => {
  const root = await tree(
    images(
      "HAM10000_images_part_1/ISIC_1.jpg",
      "HAM10000_images_part_1/ISIC_2.jpg",
      "HAM10000_images_part_2/ISIC_3.jpg",
    ),
    {
      "HAM10000_metadata.csv":
        "lesion_id,image_id,dx,dx_type,age,sex,localization\nHAM_1,ISIC_1,nv,histo,45.0,male,scalp\nHAM_1,ISIC_2,nv,histo,45.0,male,scalp\nHAM_2,ISIC_3,mel,histo,,female,back\n",
      "hmnist_8_8_L.csv": "pixel0000,pixel0001,label\n1,2,0\n3,4,1\n",
    },
  );
  const set = await readDataset(root);
  expect(perClass(set)).toEqual({ mel: 1, nv: 2 });
  expect(set.columns).toMatchObject({ label: "dx", patient: "lesion_id" });
  expect(set.samples[2]).toMatchObject({
    fileName: "HAM10000_images_part_2/ISIC_3.jpg",
    attributes: { sex: "female" },
  });
  expect(set.notes.join()).toMatch(/HAM10000_metadata\.csv names the images \(column image_id\)/);
  expect(set.notes.join()).toMatch(/name none of the images are left out: hmnist_8_8_L\.csv/);
});

test("APTOS: id_code without an ending, a sample of a submission, test images without a diagnosis", async () => {
  const root = await tree(images("train_images/a1.png", "train_images/a2.png", "test_images/b1.png"), {
    "train.csv": "id_code,diagnosis\na1,2\na2,0\n",
    "test.csv": "id_code\nb1\n",
    "sample_submission.csv": "id_code,diagnosis\nb1,0\n",
  });
  const set = await readDataset(root);
  expect(set.columns.label).toBe("diagnosis");
  expect(perClass(set)).toEqual({ 0: 1, 2: 1 });
  expect(set.notes.join("\n")).toMatch(/sample_submission\.csv is a sample of a submission/);
});

test("ISIC 2018 task 3: one-hot ground truth and lesions in tables of their own", async () => {
  const root = await tree(
    images("ISIC2018_Task3_Training_Input/ISIC_1.jpg", "ISIC2018_Task3_Training_Input/ISIC_2.jpg"),
    {
      "ISIC2018_Task3_Training_Input/LICENSE.txt": "CC",
      "ISIC2018_Task3_Training_GroundTruth/ISIC2018_Task3_Training_GroundTruth.csv":
        "image,MEL,NV,BCC,AKIEC,BKL,DF,VASC\nISIC_1,1.0,0.0,0.0,0.0,0.0,0.0,0.0\nISIC_2,0.0,1.0,0.0,0.0,0.0,0.0,0.0\n",
      "ISIC2018_Task3_Training_LesionGroupings.csv":
        "image,lesion_id,diagnosis_confirm_type\nISIC_1,HAM_1,histopathology\nISIC_2,HAM_2,follow-up\n",
    },
  );
  const set = await readDataset(root);
  expect(perClass(set)).toEqual({ MEL: 1, NV: 1 });
  expect(set.columns).toMatchObject({ label: "label", patient: "lesion_id" });
  expect(set.samples[0]!.patient).toBe("HAM_1");
});

test("ISIC 2017 part 1: masks in a folder of ground truth", async () => {
  const root = await tree(
    images("ISIC-2017_Training_Data/ISIC_1.jpg", "ISIC-2017_Training_Data/ISIC_2.jpg"),
    images("ISIC-2017_Training_Part1_GroundTruth/ISIC_1_segmentation.png"),
    images("ISIC-2017_Training_Part1_GroundTruth/ISIC_2_segmentation.png"),
    {
      "ISIC-2017_Training_Part3_GroundTruth.csv":
        "image_id,melanoma,seborrheic_keratosis\nISIC_1,1.0,0.0\nISIC_2,0.0,0.0\n",
    },
  );
  const told = await readDataset(root);
  expect(told.notes.join()).toContain("--label melanoma,seborrheic_keratosis");
  const set = await readDataset(root, { label: "melanoma,seborrheic_keratosis" });
  expect(perClass(set)).toEqual({ melanoma: 1, negative: 1 });
  expect(set.samples.map(({ mask }) => mask)).toEqual([
    "ISIC-2017_Training_Part1_GroundTruth/ISIC_1_segmentation.png",
    "ISIC-2017_Training_Part1_GroundTruth/ISIC_2_segmentation.png",
  ]);
});

test("NIH ChestX-ray14: twelve folders of images, joined findings, a comma at each end", async () => {
  const root = await tree(
    images(
      "images_001/images/00000001_000.png",
      "images_001/images/00000001_001.png",
      "images_002/images/00000002_000.png",
    ),
    {
      "Data_Entry_2017.csv":
        "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],\n00000001_000.png,Cardiomegaly|Effusion,0,1,058Y,M,PA,2682,2749,0.143,0.143,\n00000001_001.png,No Finding,1,1,058Y,M,PA,2682,2749,0.143,0.143,\n00000002_000.png,Effusion,0,2,058Y,M,PA,2682,2749,0.143,0.143,\n",
      "train_val_list.txt": "00000001_000.png\n",
      "README_CHESTXRAY.pdf": "",
    },
  );
  const set = await readDataset(root);
  expect(set.columns).toMatchObject({ label: "Finding Labels", patient: "Patient ID" });
  expect(set.columns.box).toBeUndefined();
  expect(set.notes.join("\n")).toMatch(/1 image has several labels \(labels joined by "\|"\).*--multi-label first/);
  const first = await readDataset(root, { multiLabel: "first" });
  expect(perClass(first)).toEqual({ Cardiomegaly: 1, Effusion: 1, "No Finding": 1 });
  expect(first.samples[0]!.attributes.all_labels).toBe("Cardiomegaly|Effusion");
  expect(perClass(await readDataset(root, { multiLabel: "drop" }))).toEqual({ Effusion: 1, "No Finding": 1 });
  expect(perClass(await readDataset(root, { multiLabel: "one:Effusion" }))).toEqual({ Effusion: 2, "not Effusion": 1 });
});

test("CheXpert-v1.0-small: a table for each split, findings of 1.0, 0.0, -1.0 and nothing", async () => {
  const at = (split: string, n: number) => `CheXpert-v1.0-small/${split}/patient0000${n}/study1/view1_frontal.jpg`;
  const header = "Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Cardiomegaly,Edema,Pneumonia,Support Devices";
  const root = await tree(images(at("train", 1), at("train", 2), at("train", 3), at("valid", 4)), {
    "CheXpert-v1.0-small/train.csv": `${header}\n${at("train", 1)},Female,68,Frontal,AP,1.0,,,,\n${at("train", 2)},Male,60,Frontal,AP,,1.0,-1.0,,1.0\n${at("train", 3)},Male,60,Frontal,AP,,0.0,-1.0,,\n`,
    "CheXpert-v1.0-small/valid.csv": `${header}\n${at("valid", 4)},Female,30,Frontal,PA,0.0,1.0,0.0,0.0,0.0\n`,
  });
  const set = await readDataset(root);
  expect(splitsOf(set)).toEqual(["train", "val"]);
  expect(perClass(set)).toEqual({ Cardiomegaly: 1, "Cardiomegaly|Support Devices": 1, "No Finding": 1, negative: 1 });
  expect(set.notes.join("\n")).toMatch(/2 images have uncertain findings \(-1\), which count as not found/);
  const ones = await readDataset(root, { uncertain: "ones", multiLabel: "one:Edema" });
  expect(perClass(ones)).toEqual({ Edema: 2, "not Edema": 2 });
  expect(set.samples[1]!.attributes.Sex).toBe("Male");
  expect(patientsOf(set)).toBe(4);
});

test("PAD-UFES-20: a metadata.csv without file_name beside folders in folders of parts", async () => {
  const root = await tree(images("imgs_part_1/imgs_part_1/PAT_1_1_1.png", "imgs_part_2/imgs_part_2/PAT_2_1_2.png"), {
    "metadata.csv":
      "patient_id,lesion_id,smoke,age,diagnostic,biopsed,img_id\nPAT_1,1,False,8,NEV,False,PAT_1_1_1.png\nPAT_2,2,True,55,BCC,True,PAT_2_1_2.png\n",
  });
  const set = await readDataset(root);
  expect(set.columns).toMatchObject({ label: "diagnostic", patient: "patient_id" });
  expect(perClass(set)).toEqual({ BCC: 1, NEV: 1 });
});

test("VinDr-CXR: a row a box and reader; two tables could give the classes", async () => {
  const box = "image_id,rad_id,class_name,x_min,y_min,x_max,y_max";
  const root = await tree(images("train/a.png", "train/b.png"), {
    "annotations_train.csv": `${box}\na,R1,Cardiomegaly,1,2,5,6\na,R2,Cardiomegaly,1,3,5,7\nb,R1,No finding,,,,\n`,
    "image_labels_train.csv":
      "image_id,rad_id,Cardiomegaly,Nodule/Mass,No finding\na,R1,1,0,0\na,R2,1,0,0\nb,R1,0,0,1\n",
  });
  const error = await failure(readDataset(root));
  expect(error.message).toMatch(/2 tables could give the classes.*--table annotations_train\.csv/s);
  const set = await readDataset(root, { table: "annotations_train.csv" });
  expect(perClass(set)).toEqual({ Cardiomegaly: 1, "No finding": 1 });
  expect(set.samples[0]!.attributes).toMatchObject({ x_min: "1;1", y_min: "2;3", y_max: "6;7", rad_id: "R1;R2" });
  expect(set.samples[1]!.attributes.x_min).toBe("");
});

test("RSNA pneumonia: the file is the patientId; boxes by corner and size", async () => {
  const root = await tree(images("stage_2_train_images/p-1.png", "stage_2_train_images/p-2.png"), {
    "stage_2_train_labels.csv":
      "patientId,x,y,width,height,Target\np-1,,,,,0\np-2,264.0,152.0,213.0,379.0,1\np-2,562.0,152.0,256.0,453.0,1\n",
    "stage_2_sample_submission.csv": "patientId,PredictionString\np-1,0.5 0 0 100 100\n",
  });
  const set = await readDataset(root);
  expect(set.columns).toMatchObject({ label: "Target", box: ["x_min", "y_min", "x_max", "y_max"] });
  expect(set.samples[1]!.attributes).toMatchObject({ x_min: "264.0;562.0", x_max: "477;818", y_max: "531;605" });
});

test("BUSI: masks beside the images in the class folders, several an image", async () => {
  const at = (name: string) => `Dataset_BUSI_with_GT/${name}.png`;
  const root = await tree(
    images(at("benign/benign (1)"), at("benign/benign (1)_mask"), at("benign/benign (1)_mask_1")),
    images(at("malignant/malignant (1)"), at("malignant/malignant (1)_mask")),
    images(at("normal/normal (1)"), at("normal/normal (1)_mask")),
  );
  const set = await readDataset(root);
  expect(perClass(set)).toEqual({ benign: 1, malignant: 1, normal: 1 });
  expect(set.samples[0]).toMatchObject({
    mask: at("benign/benign (1)_mask"),
    moreMasks: [at("benign/benign (1)_mask_1")],
  });
  expect(set.notes.join("\n")).toMatch(/4 files are masks.*1 image has several, which are joined/);
});

test("Kvasir v2: eight class folders in one; Kvasir-SEG: images and masks without classes", async () => {
  const classes = await readDataset(
    await tree(
      several(3, (i) => `kvasir-dataset-v2/polyps/${i}.jpg`),
      several(2, (i) => `kvasir-dataset-v2/esophagitis/${i}.jpg`),
    ),
  );
  expect(perClass(classes)).toEqual({ esophagitis: 2, polyps: 3 });
  const masks = await readDataset(
    await tree(images("Kvasir-SEG/images/a.jpg", "Kvasir-SEG/masks/a.jpg"), { "Kvasir-SEG/kavsir_bboxes.json": "{}" }),
  );
  expect(masks.classes).toEqual([""]);
  expect(masks.samples).toMatchObject([{ fileName: "Kvasir-SEG/images/a.jpg", mask: "Kvasir-SEG/masks/a.jpg" }]);
});

test("COVID-19 radiography: images and masks in each class, spreadsheets beside", async () => {
  const root = await tree(
    ...["COVID", "Normal", "Viral Pneumonia"].flatMap((name) =>
      ["images", "masks"].map((kind) =>
        several(2, (i) => `COVID-19_Radiography_Dataset/${name}/${kind}/${name}-${i}.png`),
      ),
    ),
    { "COVID-19_Radiography_Dataset/COVID.metadata.xlsx": "", "COVID-19_Radiography_Dataset/README.md.txt": "" },
  );
  const set = await readDataset(root);
  expect(perClass(set)).toEqual({ COVID: 2, Normal: 2, "Viral Pneumonia": 2 });
  expect(set.samples.every(({ fileName, mask }) => mask === fileName.replace("/images/", "/masks/"))).toBe(true);
  expect(set.notes.join("\n")).toMatch(/left out: spreadsheets \(1\), documents \(1\)/);
});

test("BreakHis: kinds within benign and malignant, slides, magnifications", async () => {
  const at = (kind: string, type: string, slide: string, zoom: string) =>
    `BreaKHis_v1/histology_slides/breast/${kind}/SOB/${type}/${slide}/${zoom}/${slide}-${zoom}-001.png`;
  const root = await tree(
    images(
      at("benign", "adenosis", "SOB_B_A_14-22549AB", "40X"),
      at("benign", "adenosis", "SOB_B_A_14-22549AB", "100X"),
    ),
    images(
      at("benign", "fibroadenoma", "SOB_B_F_14-14134", "40X"),
      at("malignant", "ductal_carcinoma", "SOB_M_DC_14-2523", "40X"),
    ),
    images(at("malignant", "lobular_carcinoma", "SOB_M_LC_14-12204", "40X")),
  );
  const set = await readDataset(root);
  expect(perClass(set)).toEqual({ benign: 3, malignant: 2 });
  expect(patientsOf(set)).toBe(4);
  expect(set.notes.join("\n")).toMatch(/outer ones are taken, folder_1 \(benign, malignant\).*--label folder_2/);
  expect(Object.keys(perClass(await readDataset(root, { label: "folder_2" })))).toHaveLength(4);
  expect(set.samples[0]!.attributes.folder_4).toBe("100X");
});

test("MedMNIST as pictures: a table without a header", async () => {
  const root = await tree(
    several(3, (i) => `pneumoniamnist/train0_${i}.png`),
    images("pneumoniamnist/test9_1.png"),
    {
      "pneumoniamnist.csv": "TRAIN,train0_1.png,1\nTRAIN,train0_2.png,0\nTRAIN,train0_3.png,1\nTEST,test9_1.png,1\n",
    },
  );
  const told = await readDataset(root);
  expect(told.samples).toHaveLength(4);
  expect(told.notes.join("\n")).toContain("there is no header");
  const set = await readDataset(root, { label: "column_3", split: "column_1" });
  expect(perClass(set)).toEqual({ 0: 1, 1: 3 });
  expect(splitsOf(set)).toEqual(["test", "train"]);
});

test("MedMNIST as arrays", async () => {
  const root = await tree({ "bloodmnist.npz": npzBytes(medmnist()) });
  expect((await readDataset(join(root, "bloodmnist.npz"))).samples).toHaveLength(12);
});

test("chest_xray of Kaggle: splits around classes, __MACOSX, .DS_Store, a folder around everything", async () => {
  const root = await tree(
    ...["train", "val", "test"].flatMap((split) =>
      ["NORMAL", "PNEUMONIA"].map((name) => images(`chest_xray/${split}/${name}/1.jpeg`)),
    ),
    { "chest_xray/.DS_Store": "", "__MACOSX/chest_xray/train/NORMAL/._1.jpeg": "", "chest_xray/train/Thumbs.db": "" },
  );
  const set = await readDataset(root);
  expect(perClass(set)).toEqual({ NORMAL: 3, PNEUMONIA: 3 });
  expect(splitsOf(set)).toEqual(["test", "train", "val"]);
});

test("IDC of breast histology: patients around the classes 0 and 1", async () => {
  const root = await tree(
    images("8863/0/8863_x1.png", "8863/1/8863_x2.png", "8864/0/8864_x1.png", "8865/1/8865_x1.png"),
  );
  const set = await readDataset(root);
  expect(perClass(set)).toEqual({ 0: 2, 1: 2 });
  expect(patientsOf(set)).toBe(3);
});

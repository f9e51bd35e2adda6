// More public collections as they are unpacked, in small: names and columns as published, pixels and values invented.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import type { ColumnOptions } from "../columns.ts";
import { readDataset } from "../dataset.ts";
import { pngOf, writeFiles } from "../testing/fixtures.ts";
import type { Dataset } from "../types.ts";

const folder = await temporaryFolder();
const png = await pngOf(1);
let made = 0;

type Tree = Readonly<Record<string, string | Uint8Array>>;

const images = (...paths: string[]): Tree => Object.fromEntries(paths.map((path) => [path, png]));
const several = (n: number, path: (i: number) => string): Tree =>
  images(...Array.from({ length: n }, (_, i) => path(i + 1)));
const tree = (...parts: Tree[]) => writeFiles(join(folder, String(made++)), Object.assign({}, ...parts));
const read = async (parts: readonly Tree[], options?: ColumnOptions) => readDataset(await tree(...parts), options);

const perClass = ({ classes, samples }: Dataset) =>
  Object.fromEntries(classes.map((name) => [name, samples.filter(({ label }) => label === name).length]));
const splitsOf = ({ samples }: Dataset) => [...new Set(samples.map(({ split }) => split))].sort();
const masksOf = ({ samples }: Dataset) =>
  samples.map(({ fileName, mask, moreMasks = [] }) => [fileName, ...(mask === undefined ? [] : [mask]), ...moreMasks]);
const said = ({ notes }: Dataset) => notes.join("\n");

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
    expect(said(set)).toMatch(/1 files are masks by their names and belong to no image/);
  });
});

describe("tables", () => {
  test("MIMIC-CXR-JPG: findings by study beside a split and metadata by image", async () => {
    const at = [
      "p10/p10000032/s50414267/02aa804e",
      "p10/p10000032/s50414267/174413ec",
      "p11/p11000032/s50414268/2a2277a9",
    ];
    const rows = (row: (id: string, study: string, subject: string, i: number) => string) =>
      at
        .map((path, i) => row(path.split("/")[3]!, path.split("/")[2]!.slice(1), path.split("/")[1]!.slice(1), i))
        .join("\n");
    const set = await read([
      images(...at.map((path) => `files/${path}.jpg`)),
      {
        "mimic-cxr-2.0.0-chexpert.csv":
          "subject_id,study_id,Atelectasis,Cardiomegaly,No Finding\n10000032,50414267,,,1.0\n11000032,50414268,1.0,-1.0,\n",
        "mimic-cxr-2.0.0-split.csv": `dicom_id,study_id,subject_id,split\n${rows((id, study, who, i) => `${id},${study},${who},${i < 2 ? "train" : "validate"}`)}\n`,
        "mimic-cxr-2.0.0-metadata.csv": `dicom_id,subject_id,study_id,ViewPosition,Rows,Columns\n${rows((id, study, who) => `${id},${who},${study},PA,3056,2544`)}\n`,
      },
    ]);
    expect(perClass(set)).toEqual({ Atelectasis: 1, "No Finding": 2 });
    expect(splitsOf(set)).toEqual(["train", "val"]);
    expect(set.samples[2]).toMatchObject({ patient: "11000032", attributes: { ViewPosition: "PA" } });
    expect(said(set)).toContain("columns of mimic-cxr-2.0.0-chexpert.csv are joined by study_id");
  });

  test("a table of patients; one with two rows of a patient is not joined", async () => {
    const files = images("a_1.png", "a_2.png", "b_1.png");
    const own = "image,patient_id\na_1,a\na_2,a\nb_1,b\n";
    const set = await read([files, { "images.csv": own, "patients.csv": "Patient ID,diagnosis\na,nv\nb,mel\n" }]);
    expect(perClass(set)).toEqual({ mel: 1, nv: 2 });
    const twice = await read([files, { "images.csv": own, "p.csv": "Patient ID,diagnosis\na,nv\na,mel\nb,mel\n" }]);
    expect([twice.classes, said(twice)]).toEqual([[""], expect.stringContaining("are left out: p.csv")]);
  });

  test("NIH with its list of boxes: the classes are those of the table of all images", async () => {
    const header = "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position";
    const row = (i: number) => `0000000${i}_000.png,${i % 2 ? "Mass" : "No Finding"},0,${i},57,M,PA`;
    const set = await read([
      several(4, (i) => `images/0000000${i}_000.png`),
      {
        "Data_Entry_2017.csv": [header, ...[1, 2, 3, 4].map(row)].join("\n"),
        "BBox_List_2017.csv":
          "Image Index,Finding Label,Bbox [x,y,w,h],,,\n00000001_000.png,Mass,225.1,547.0,86.8,79.2,,,\n",
      },
    ]);
    expect(perClass(set)).toEqual({ Mass: 2, "No Finding": 2 });
    expect(set.columns.label).toBe("Finding Labels");
    expect(said(set)).toMatch(/the classes are those of Data_Entry_2017\.csv/);
    expect(set.samples[0]!.attributes).toMatchObject({ x_min: "225.1", y_min: "547.0" });
  });

  test("NIH and COVIDx: lists of the images of each split; not where an image is in two, or none is wanted", async () => {
    const files = several(4, (i) => `images/0000000${i}_000.png`);
    const table = {
      "Data_Entry_2017.csv": `Image Index,Finding Labels,Patient ID\n${[1, 2, 3, 4].map((i) => `0000000${i}_000.png,Mass,${i}`).join("\n")}\n`,
    };
    const lists = {
      "train_val_list.txt": "00000001_000.png\n00000002_000.png\n",
      "test_list.txt": "00000003_000.png\r\n00000004_000.png",
      "README.txt": "test",
    };
    const nih = await read([files, table, lists]);
    expect(nih.samples.map(({ split }) => split)).toEqual(["train", "train", "test", "test"]);
    expect(said(nih)).toMatch(
      /the split is that of the lists test_list\.txt, train_val_list\.txt; say otherwise with --split/,
    );
    expect(splitsOf(await read([files, table, lists], { split: "" }))).toEqual([undefined]);
    const twice = { ...lists, "test_list.txt": "00000002_000.png\n" };
    expect(splitsOf(await read([files, table, twice]))).toEqual([undefined]);
    const covidx = await read([
      several(3, (i) => `images/c${i}.png`),
      { "train.txt": "1 c1.png negative rsna\n2 c2.png positive cohen\n", "test.txt": "3 c3.png negative rsna\n" },
    ]);
    expect(covidx.samples.map(({ split }) => split)).toEqual(["train", "train", "test"]);
  });

  test("VinDr-Mammo: a metadata.csv that is not the table of the images", async () => {
    const parts = [
      images("images/s1/a1.png", "images/s2/b1.png"),
      {
        "metadata.csv": "SOP Instance UID,Manufacturer\na1,SIEMENS\nb1,SIEMENS\n",
        "breast-level_annotations.csv":
          "study_id,series_id,image_id,laterality,breast_birads,split\ns1,e1,a1,L,BI-RADS 2,training\ns2,e2,b1,R,BI-RADS 4,test\n",
        "finding_annotations.csv":
          "study_id,image_id,finding_categories,xmin,ymin,xmax,ymax,split\ns1,a1,['No Finding'],,,,,training\ns2,b1,\"['Mass', 'Asymmetry']\",1,2,3,4,test\n",
      },
    ];
    const error = await failure(read(parts));
    expect(error.message).toMatch(/2 tables could give the classes.*--table finding_annotations\.csv/s);
    const set = await read(parts, { table: "finding_annotations.csv" });
    expect(perClass(set)).toEqual({ "Asymmetry|Mass": 1, "No Finding": 1 });
    expect(splitsOf(set)).toEqual(["test", "train"]);
    expect((await read(parts, { table: "breast-level_annotations.csv" })).classes).toEqual(["BI-RADS 2", "BI-RADS 4"]);
  });

  test("ODIR-5K: lists of one label, and a vector that is no list of labels", async () => {
    const header = "ID,Patient Age,Patient Sex,N,D,C,filepath,labels,target,filename";
    const row = (name: string, label: string, vector: string) =>
      `0,69,Female,0,0,1,../input/odir5k/ODIR-5K/Training Images/${name},['${label}'],"[${vector}]",${name}`;
    const set = await read([
      images("preprocessed_images/0_left.jpg", "preprocessed_images/0_right.jpg"),
      { "full_df.csv": [header, row("0_right.jpg", "N", "1, 0, 0"), row("0_left.jpg", "C", "0, 0, 1")].join("\n") },
    ]);
    expect([set.columns.label, perClass(set)]).toEqual(["labels", { C: 1, N: 1 }]);
  });

  test("INbreast: names that begin with the id, patients whose id was removed", async () => {
    const set = await read([
      images(
        "AllPNGs/20586908_6c613a14b80a8591_MG_R_CC_ANON.png",
        "AllPNGs/22427751_036aff49b8ac84f0_MG_L_ML_ANON.png",
      ),
      {
        "INbreast.csv":
          "Patient ID;Patient age;Laterality;View;Acquisition date;File Name;ACR;Bi-Rads\nremoved;removed;R;CC;201001;20586908;3;1\nremoved;removed;L;MLO;201001;22427751;2;4a\n",
      },
    ]);
    expect(perClass(set)).toEqual({ 1: 1, "4a": 1 });
    expect(set.columns.patient).toBeUndefined();
  });

  test("CBIS-DDSM of Kaggle: paths of DICOM whose series names the folder", async () => {
    const uid = (n: number) => `1.3.6.1.4.1.9590.100.1.2.34238619481126763660869413259048292${n}`;
    const row = (n: number, pathology: string) =>
      `P_0000${n},3,LEFT,CC,1,mass,${pathology},Mass-Training_P_0000${n}_LEFT_CC/${uid(700 + n)}/${uid(n)}/000000.dcm`;
    const set = await read([
      images(`jpeg/${uid(1)}/1-249.jpg`, `jpeg/${uid(2)}/1-250.jpg`),
      {
        "csv/mass_case_description_train_set.csv": [
          "patient_id,breast_density,left or right breast,image view,abnormality id,abnormality type,pathology,image file path",
          row(1, "MALIGNANT"),
          row(2, "BENIGN"),
        ].join("\n"),
      },
    ]);
    expect(perClass(set)).toEqual({ BENIGN: 1, MALIGNANT: 1 });
    expect(set.samples[0]).toMatchObject({ fileName: `jpeg/${uid(1)}/1-249.jpg`, patient: "P_00001" });
  });

  test("IDRiD grading: files of one name in two splits, a table for each", async () => {
    const at = (part: string) => `B. Disease Grading/1. Original Images/${part}/IDRiD_001.jpg`;
    const table = "B. Disease Grading/2. Groundtruths";
    const set = await read([
      images(at("a. Training Set"), at("b. Testing Set")),
      {
        [`${table}/a. IDRiD_Disease Grading_Training Labels.csv`]:
          "Image name,Retinopathy grade,Risk of macular edema ,,,\nIDRiD_001,3,2,,,\n",
        [`${table}/b. IDRiD_Disease Grading_Testing Labels.csv`]:
          "Image name,Retinopathy grade,Risk of macular edema \nIDRiD_001,0,1\n",
      },
    ]);
    expect(set.samples.map(({ fileName, label, split }) => [fileName, label, split])).toEqual([
      [at("a. Training Set"), "3", "train"],
      [at("b. Testing Set"), "0", "test"],
    ]);
  });

  test("ISIC 2016: no header, ids without an ending", async () => {
    const set = await read([
      several(3, (i) => `ISBI2016_ISIC_Part3_Training_Data/ISIC_000000${i}.jpg`),
      {
        "ISBI2016_ISIC_Part3_Training_GroundTruth.csv":
          "ISIC_0000001,benign\nISIC_0000002,malignant\nISIC_0000003,benign\n",
      },
    ]);
    expect(perClass(set)).toEqual({ benign: 2, malignant: 1 });
    expect(said(set)).toContain("there is no header");
  });

  test("Derm7pt: a photograph and a dermoscopy a case, of which one column is taken and the other named", async () => {
    const parts = [
      images("images/NEL/Nel026.jpg", "images/NEL/NEL027.JPG", "images/NEL/Nel028.jpg", "images/NEL/Nel025.jpg"),
      {
        "meta/meta.csv":
          "case_num,diagnosis,sex,clinic,derm\n1,basal cell carcinoma,female,NEL/NEL027.JPG,NEL/Nel026.jpg\n2,blue nevus,male,NEL/Nel025.jpg,NEL/Nel028.jpg\n",
      },
    ];
    expect(said(await read(parts))).toMatch(
      /columns clinic, derm name images, and those of clinic are taken; --file "derm"/,
    );
    const derm = await read(parts, { file: "derm" });
    expect(derm.samples.map(({ fileName }) => fileName)).toEqual(["images/NEL/Nel026.jpg", "images/NEL/Nel028.jpg"]);
  });

  test("CVC-ClinicDB of Kaggle: PNG and TIFF of one name, told apart by the paths of the table", async () => {
    const set = await read([
      several(2, (i) => `PNG/Original/${i}.png`),
      several(2, (i) => `PNG/Ground Truth/${i}.png`),
      several(2, (i) => `TIF/Original/${i}.tif`),
      several(2, (i) => `TIF/Ground Truth/${i}.tif`),
      {
        "metadata.csv": `frame_id,png_image_path,png_mask_path,tif_image_path\n${[1, 2].map((i) => `${i},PNG/Original/${i}.png,PNG/Ground Truth/${i}.png,TIF/Original/${i}.tif`).join("\n")}\n`,
      },
    ]);
    expect(masksOf(set)).toEqual([1, 2].map((i) => [`PNG/Original/${i}.png`, `PNG/Ground Truth/${i}.png`]));
  });

  test("bone age: a folder in a folder of its name is no class", async () => {
    const set = await read([
      several(3, (i) => `boneage-training-dataset/boneage-training-dataset/137${i}.png`),
      { "boneage-training-dataset.csv": "id,boneage,male\n1371,180,False\n1372,12,True\n1373,94,False\n" },
    ]);
    expect(set.classes).toEqual([""]);
    expect(said(set)).toContain("--label male");
  });

  test("ISIC 2019, 2020 and the archive, Fitzpatrick17k, DDI, HyperKvasir, PadChest, Messidor-2, EyePACS", async () => {
    const cases: readonly (readonly [Tree, Record<string, string>, Partial<Dataset["columns"]>, object])[] = [
      [
        images("ISIC_2019_Training_Input/ISIC_1.jpg", "ISIC_2019_Training_Input/ISIC_2.jpg"),
        {
          "ISIC_2019_Training_GroundTruth.csv":
            "image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK\nISIC_1,0.0,1.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0\nISIC_2,1.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0\n",
          "ISIC_2019_Training_Metadata.csv":
            "image,age_approx,anatom_site_general,lesion_id,sex\nISIC_1,55.0,anterior torso,,female\nISIC_2,55.0,,BCN_1,\n",
        },
        { patient: "lesion_id" },
        { MEL: 1, NV: 1 },
      ],
      [
        images("train/ISIC_2637011.jpg", "train/ISIC_2637012.jpg"),
        {
          "ISIC_2020_Training_GroundTruth.csv":
            "image_name,patient_id,sex,age_approx,diagnosis,benign_malignant,target\nISIC_2637011,IP_7,male,45.0,unknown,benign,0\nISIC_2637012,IP_3,female,45.0,melanoma,malignant,1\n",
        },
        { label: "diagnosis", patient: "patient_id" },
        { melanoma: 1, unknown: 1 },
      ],
      [
        images("ISIC-images/ISIC_0011.jpg", "ISIC-images/ISIC_0012.jpg"),
        {
          "ISIC-images/metadata.csv":
            "isic_id,attribution,copyright_license,benign_malignant,diagnosis,lesion_id,patient_id,sex\nISIC_0011,A,CC-0,benign,nevus,IL_1,IP_1,male\nISIC_0012,A,CC-0,malignant,melanoma,IL_2,IP_1,male\n",
        },
        { label: "diagnosis", patient: "patient_id" },
        { melanoma: 1, nevus: 1 },
      ],
      [
        images("images/5e82a45bc5d78bd24ae9202d194423f8.jpg", "images/fa2911a9b13b6f8af79cb700937cc14f.jpg"),
        {
          "fitzpatrick17k.csv":
            "md5hash,fitzpatrick_scale,label,nine_partition_label,url\n5e82a45bc5d78bd24ae9202d194423f8,3,psoriasis,inflammatory,https://example.org/a.jpg\nfa2911a9b13b6f8af79cb700937cc14f,1,vitiligo,inflammatory,https://example.org/b.jpg\n",
        },
        { label: "label", tone: "fitzpatrick_scale" },
        { psoriasis: 1, vitiligo: 1 },
      ],
      [
        images("images/000001.png", "images/000002.png"),
        {
          "ddi_metadata.csv":
            ",DDI_ID,DDI_file,skin_tone,malignant,disease\n0,1,000001.png,56,True,melanoma-in-situ\n1,2,000002.png,12,False,mycosis-fungoides\n",
        },
        { label: "disease", tone: "skin_tone" },
        { "melanoma-in-situ": 1, "mycosis-fungoides": 1 },
      ],
      [
        images(
          "labeled-images/lower-gi-tract/landmarks/cecum/a.jpg",
          "labeled-images/upper-gi-tract/findings/polyps/b.jpg",
        ),
        {
          "labeled-images/image-labels.csv":
            "Video file,Organ,Finding,Classification\na,Lower GI,cecum,landmarks\nb,Upper GI,polyps,findings\n",
        },
        { label: "Finding" },
        { cecum: 1, polyps: 1 },
      ],
      [
        images("0/x1_00-000.png", "0/x2_00-000.png"),
        {
          "PADCHEST_labels.csv":
            ",ImageID,ImageDir,StudyID,PatientID,Labels\n0,x1_00-000.png,0,s1,839860488694292331637988235681460987,['pleural effusion']\n1,x2_00-000.png,0,s2,839860488694292331637988235681460988,['normal']\n",
        },
        { label: "Labels", patient: "PatientID" },
        { normal: 1, "pleural effusion": 1 },
      ],
      [
        images("IMAGES/20051020_43808_0100_PP.png", "IMAGES/IM000180.JPG"),
        {
          "messidor_data.csv":
            "id_code,diagnosis,adjudicated_dme,adjudicated_gradable\n20051020_43808_0100_PP.png,0,0,1\nIM000180.jpg,1,0,1\n",
        },
        { label: "diagnosis" },
        { 0: 1, 1: 1 },
      ],
      [
        images("train/10_left.jpeg", "train/10_right.jpeg"),
        { "trainLabels.csv": "image,level\n10_left,0\n10_right,3\n" },
        { label: "level" },
        { 0: 1, 3: 1 },
      ],
    ];
    for (const [files, tables, columns, classes] of cases) {
      const set = await read([files, tables]);
      const name = Object.keys(tables).join();
      expect([name, perClass(set)]).toEqual([name, classes]);
      expect(set.columns, name).toMatchObject(columns);
    }
  });
});

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
    expect(said(set)).toMatch(/1 images that .* does not name are left out/);
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
    ["all-mias/mdb001.pgm", /PGM, PPM\) images, which are not read: convert them to PNG/],
    ["camelyonpatch_train_x.h5.gz", /1 archives, which are not read: unpack them/],
    ["disc1/OAS1_0001_MR1.hdr", /Analyze images, which are not read: convert them to NIfTI/],
  ])("nothing but %s: named, with what to do", async (name, message) => {
    expect((await failure(read([{ [name]: "x" }]))).message).toMatch(message);
  });
});

// Published collections whose tables say what their images are, as they are unpacked: names and columns as published, pixels and values invented.
import { describe, expect, test } from "vitest";
import { failure } from "../../core/testing/fixtures.ts";
import type { Dataset } from "../types.ts";
import { images, masksOf, perClass, read, said, several, splitsOf, type Tree } from "./testing/layout-trees.ts";

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
    expect(covidx.samples.map(({ fileName, split }) => [fileName, split]).sort()).toEqual([
      ["images/c1.png", "train"],
      ["images/c2.png", "train"],
      ["images/c3.png", "test"],
    ]);
  });

  test("RFMiD: images of one name in each split, tables of findings beside them; the splits are no classes", async () => {
    const header = "ID,Disease_Risk,DR,ARMD";
    const parts = [
      several(3, (i) => `Training_Set/Training_Set/Training/${i}.png`),
      several(2, (i) => `Test_Set/Test_Set/Test/${i}.png`),
      several(2, (i) => `Evaluation_Set/Evaluation_Set/Validation/${i}.png`),
      {
        "Training_Set/Training_Set/RFMiD_Training_Labels.csv": `${header}\n1,1,1,0\n2,1,0,1\n3,0,0,0\n`,
        "Test_Set/Test_Set/RFMiD_Testing_Labels.csv": `${header}\n1,1,0,1\n2,0,0,0\n`,
        "Evaluation_Set/Evaluation_Set/RFMiD_Validation_Labels.csv": `${header}\n1,1,1,1\n2,0,0,0\n`,
      },
    ];
    const told = await read(parts);
    expect([told.classes, splitsOf(told)]).toEqual([[""], ["test", "train", "val"]]);
    expect(said(told)).toContain("--label Disease_Risk,DR,ARMD");
    expect(perClass(await read(parts, { label: "DR,ARMD" }))).toEqual({ ARMD: 2, "ARMD|DR": 1, DR: 1, negative: 3 });
  });

  test("EyePACS with the solution of the contest: tables of different images, one with a column more", async () => {
    const set = await read([
      several(3, (i) => `train/${i}_left.jpeg`),
      several(2, (i) => `test/2${i}_left.jpeg`),
      {
        "trainLabels.csv": "image,level\n1_left,0\n2_left,2\n3_left,0\n",
        "retinopathy_solution.csv": "image,level,Usage\n21_left,0,Private\n22_left,2,Public\n",
      },
    ]);
    expect([perClass(set), splitsOf(set)]).toEqual([{ 0: 3, 2: 2 }, ["test", "train"]]);
    expect(said(set)).toMatch(/speak of different images and have the same column of classes; they are read as one/);
  });

  test("CBIS-DDSM with masses and calcifications: four tables, other columns, crops beside the masks", async () => {
    const uid = (n: number) => `1.3.6.1.4.1.9590.100.1.2.34238619481126763660869413259048292${n}`;
    const table = (kind: "mass" | "calc", n: number, pathology: string) =>
      `patient_id,${kind === "mass" ? "breast_density,mass shape" : "breast density,calc type"},pathology,image file path,ROI mask file path\nP_0000${n},3,x,${pathology},Mass_P_0000${n}/${uid(70 + n)}/${uid(n)}/000000.dcm,Mass_P_0000${n}_1/${uid(80 + n)}/${uid(90 + n)}/000001.dcm\n`;
    const parts = [
      images(
        ...[1, 2, 3, 4].flatMap((n) => [
          `jpeg/${uid(n)}/1-1.jpg`,
          `jpeg/${uid(90 + n)}/1-1.jpg`,
          `jpeg/${uid(90 + n)}/2-1.jpg`,
        ]),
      ),
      {
        "csv/mass_case_description_train_set.csv": table("mass", 1, "MALIGNANT"),
        "csv/mass_case_description_test_set.csv": table("mass", 2, "BENIGN"),
        "csv/calc_case_description_train_set.csv": table("calc", 3, "BENIGN"),
        "csv/calc_case_description_test_set.csv": table("calc", 4, "MALIGNANT"),
      },
    ];
    expect((await failure(read(parts))).message).toMatch(/fits 2 files alike .*--mask ""/);
    const set = await read(parts, { mask: "" });
    expect(set.samples.map(({ fileName, label, split, patient }) => [fileName, label, split, patient]).sort()).toEqual([
      [`jpeg/${uid(1)}/1-1.jpg`, "MALIGNANT", "train", "P_00001"],
      [`jpeg/${uid(2)}/1-1.jpg`, "BENIGN", "test", "P_00002"],
      [`jpeg/${uid(3)}/1-1.jpg`, "BENIGN", "train", "P_00003"],
      [`jpeg/${uid(4)}/1-1.jpg`, "MALIGNANT", "test", "P_00004"],
    ]);
  });

  test("RSNA mammography as PNG: names of patient and image, of which a column has the second part", async () => {
    const set = await read([
      images("images/10006_462822612.png", "images/10006_1459541791.png", "images/10011_220375232.png"),
      {
        "train.csv":
          "site_id,patient_id,image_id,laterality,cancer\n2,10006,462822612,L,0\n2,10006,1459541791,R,0\n2,10011,220375232,L,1\n",
      },
    ]);
    expect(set.samples.map(({ fileName, patient, attributes }) => [fileName, patient, attributes.cancer])).toEqual([
      ["images/10006_462822612.png", "10006", "0"],
      ["images/10006_1459541791.png", "10006", "0"],
      ["images/10011_220375232.png", "10011", "1"],
    ]);
  });

  test("HAM10000 of Dataverse: tables without an ending and with .tab", async () => {
    const set = await read([
      images(
        "HAM10000_images_part_1/ISIC_1.jpg",
        "HAM10000_images_part_2/ISIC_2.jpg",
        "ISIC2018_Task3_Test_Images/ISIC_3.jpg",
      ),
      {
        HAM10000_metadata: "lesion_id,image_id,dx\nHAM_1,ISIC_1,nv\nHAM_2,ISIC_2,mel\n",
        "ISIC2018_Task3_Test_GroundTruth.tab": "lesion_id\timage_id\tdx\nHAM_3\tISIC_3\tnv\n",
      },
    ]);
    expect([perClass(set), set.columns.patient]).toEqual([{ mel: 1, nv: 2 }, "lesion_id"]);
  });

  test("tables of folds: an image in the training of one and the test of another has no split by them", async () => {
    const set = await read([
      several(4, (i) => `im/${i}.png`),
      {
        "fold_1_train.csv": "image,label\n1,a\n2,b\n",
        "fold_1_test.csv": "image,label\n3,a\n4,b\n",
        "fold_2_train.csv": "image,label\n3,a\n4,b\n",
        "fold_2_test.csv": "image,label\n1,a\n2,b\n",
      },
    ]);
    expect([perClass(set), splitsOf(set)]).toEqual([{ a: 2, b: 2 }, [undefined]]);
    expect(said(set)).toMatch(/in two splits, as those of folds do.*name one table with --table/);
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

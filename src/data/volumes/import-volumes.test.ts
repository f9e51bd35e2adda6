// NIfTI volumes become slices: orientation, planes, masks, spacing, and what is damaged.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { Rng } from "../../core/rng.ts";
import { failure, temporaryFolder } from "../../core/testing/fixtures.ts";
import { readDataset } from "../dataset.ts";
import { readImage, readMask } from "../pixels.ts";
import { writeFiles } from "../testing/fixtures.ts";
import { findVolumes, pairVolumes } from "./find-volumes.ts";
import { importVolumes, type VolumeImportOptions } from "./import-volumes.ts";
import { readVolume } from "./nifti.ts";
import { type Built, nifti } from "./testing/build-nifti.ts";
import { understandVolumes } from "./understand-volumes.ts";

const root = await temporaryFolder();
let counter = 0;

/** Tells every voxel from every other. */
const ramp = (i: number, j: number, k: number) => i + 4 * j + 12 * k;

async function imported(files: Record<string, string | Uint8Array>, options: VolumeImportOptions = {}) {
  const folder = await writeFiles(join(root, `set${counter++}`), files);
  const out = `${folder}-out`;
  const plan = await importVolumes((await findVolumes(folder))!, out, options);
  const dataset = await readDataset(out);
  return { plan, dataset, said: plan.notes.join("\n") };
}

describe("orientation", () => {
  /** Values of the first axial slice, 0..255 of 0..255. */
  const window = { center: 127.5, width: 255 };
  const first = async (built: Omit<Built, "value">, plane: VolumeImportOptions["plane"] = "axial") => {
    const { dataset, said } = await imported({ "v.nii": nifti({ ...built, value: ramp }) }, { plane, window });
    const { width, height, data } = await readImage(dataset, 0);
    return {
      width,
      height,
      rows: Array.from({ length: height }, (_, y) => [...data.subarray(y * width, (y + 1) * width)]),
      said,
    };
  };

  test("axial of RAS: the patient's right at the left, the front at the top, from the feet up", async () => {
    const { rows, said } = await first({ signs: [1, 1, 1] });
    expect(rows).toEqual([
      [11, 10, 9, 8],
      [7, 6, 5, 4],
      [3, 2, 1, 0],
    ]);
    expect(said).toMatch(/axial slices.*the patient's right is at the left of the picture.*stored as RAS/);
  });

  test("axial of LPS is the array as it lies", async () => {
    expect((await first({ signs: [-1, -1, 1] })).rows[0]).toEqual([0, 1, 2, 3]);
  });

  test("coronal and sagittal of RAS: the head at the top", async () => {
    const coronal = await first({}, "coronal");
    expect([coronal.width, coronal.height]).toEqual([4, 2]);
    // The front comes first: j is highest.
    expect(coronal.rows).toEqual([
      [23, 22, 21, 20],
      [11, 10, 9, 8],
    ]);
    const sagittal = await first({}, "sagittal");
    expect([sagittal.width, sagittal.height]).toEqual([3, 2]);
    // The front is at the left, the right side of the patient comes first.
    expect(sagittal.rows).toEqual(
      [
        [23, 19, 15],
        [11, 7, 3],
      ].map((row) => row),
    );
  });

  test("a volume that does not say it is taken for RAS, which is said", async () => {
    const { rows, said } = await first({ signs: null });
    expect(rows[0]).toEqual([11, 10, 9, 8]);
    expect(said).toContain("do not say their orientation are taken for RAS");
  });
});

test.each([
  ["8 bits", { type: 2 }],
  ["16 bits", { type: 4 }],
  ["floating point", { type: 16 }],
  ["big endian", { type: 4, big: true }],
] as const)("values of %s are read, and scaled by slope and intercept", async (_, built) => {
  const folder = await writeFiles(join(root, `values${counter++}`), {
    "a.nii": nifti({ ...built, value: ramp }),
    "b.nii.gz": gzipSync(nifti({ ...built, slope: 2, intercept: -10, value: ramp })),
  });
  const [plain, scaled] = [await readVolume(folder, "a.nii"), await readVolume(folder, "b.nii.gz")];
  expect([plain.value(3, 2, 1), scaled.value(3, 2, 1)]).toEqual([23, 36]);
  expect([plain.dims, plain.spacing]).toEqual([
    [4, 3, 2],
    [1, 2, 3],
  ]);
});

test("500 damaged headers end in a volume or in an error that names the file", async () => {
  const rng = new Rng(5, "nifti");
  const whole = nifti({ value: ramp });
  const folder = await writeFiles(join(root, "fuzz"), {});
  for (let n = 0; n < 500; n++) {
    const bytes = Buffer.from(whole.subarray(0, rng.integer(4) === 0 ? rng.integer(whole.length) : whole.length));
    for (let k = 0; k < 3 && bytes.length > 0; k++) bytes[rng.integer(Math.min(352, bytes.length))] = rng.integer(256);
    await writeFile(join(folder, "v.nii"), bytes);
    const error = await readVolume(folder, "v.nii").then(
      () => null,
      (cause) => cause,
    );
    if (error !== null) expect([n, error.code, error.message.startsWith("v.nii: ")]).toEqual([n, "image", true]);
  }
});

describe("an import", () => {
  const image = (shift = 0) => gzipSync(nifti({ value: (i, j, k) => 10 * ramp(i, j, k) + shift }));
  const mask = gzipSync(nifti({ type: 2, value: (i, j, k) => (k === 1 && i === 3 && j === 2 ? 2 : 0) }));

  test("of the Medical Segmentation Decathlon: slices, masks with their values, spacing, volumes as patients", async () => {
    const { plan, dataset, said } = await imported({
      "Task02_Heart/imagesTr/la_003.nii.gz": image(),
      "Task02_Heart/imagesTr/la_004.nii.gz": image(5),
      "Task02_Heart/labelsTr/la_003.nii.gz": mask,
      "Task02_Heart/labelsTr/la_004.nii.gz": mask,
      "Task02_Heart/imagesTs/la_009.nii.gz": image(7),
      "Task02_Heart/dataset.json": "{}",
    });
    expect(plan).toMatchObject({ images: 6, masks: 4, volumes: 3, damaged: [] });
    expect(new Set(dataset.samples.map(({ patient }) => patient)).size).toBe(3);
    const second = dataset.samples[1]!;
    expect(second.attributes).toMatchObject({
      slice: "2",
      plane: "axial",
      orientation: "RAS",
      column_spacing_mm: "1",
      row_spacing_mm: "2",
      slice_spacing_mm: "3",
    });
    // The voxel (3, 2, 1) is at the right and the front: left at the top.
    expect([...(await readMask(dataset, 1))!.data].findIndex((value) => value > 0)).toBe(0);
    expect((await readMask(dataset, 0))!.data.some((value) => value > 0)).toBe(false);
    expect(dataset.classes).toEqual([""]);
    expect(said).toContain("all values of each volume become 0 to 255; --window C,W");
  });

  test("of covid19-ct-scans: masks are called as their volume but for words in between", () => {
    const scans = ["coronacases_org_001", "coronacases_org_002", "radiopaedia_org_covid-19-pneumonia-10_85902_1-dcm"];
    const masks = ["coronacases_001", "coronacases_002", "radiopaedia_10_85902_1", "coronacases_003"];
    const found = pairVolumes("", [
      ...scans.map((name) => `ct_scans/${name}.nii`),
      ...["lung_mask", "infection_mask"].flatMap((kind) => masks.map((name) => `${kind}/${name}.nii`)),
    ]);
    expect(found.volumes.map(({ masks }) => masks)).toEqual(
      masks.slice(0, 3).map((name) => [`lung_mask/${name}.nii`, `infection_mask/${name}.nii`]),
    );
    expect(found.orphans).toEqual(["lung_mask/coronacases_003.nii", "infection_mask/coronacases_003.nii"]);
  });

  test("of TCGA: masks of GlistrBoost are masks, corrected ones stand for theirs; folders are the patients", () => {
    const file = (id: string, kind: string) => `Pre-operative_TCGA_GBM_NIfTI/${id}/${id}_1996.08.23_${kind}.nii.gz`;
    const kinds = ["flair", "t1", "t1Gd", "t2", "GlistrBoost"];
    const found = pairVolumes("", [
      ...["TCGA-02-0006", "TCGA-02-0009"].flatMap((id) => kinds.map((kind) => file(id, kind))),
      file("TCGA-02-0006", "GlistrBoost_ManuallyCorrected"),
    ]);
    const { volumes, notes } = understandVolumes(found, {});
    expect(volumes.map(({ patient, masks }) => [patient, masks])).toEqual([
      ...Array(4).fill(["TCGA-02-0006", [file("TCGA-02-0006", "GlistrBoost_ManuallyCorrected")]]),
      ...Array(4).fill(["TCGA-02-0009", [file("TCGA-02-0009", "GlistrBoost")]]),
    ]);
    expect(found.orphans).toEqual([]);
    expect(notes.join()).toContain(`1 mask was corrected in another file`);
  });

  test("of BraTS: sequences of one examination are one patient and share its mask", () => {
    const names = ["t1", "t1ce", "t2", "flair", "seg"].map((kind) => `HGG/B_001/B_001_${kind}.nii.gz`);
    const found = pairVolumes("", names);
    expect(found.volumes.map(({ path, masks }) => [path.slice(-10, -7), masks.length])).toHaveLength(4);
    expect(new Set(found.volumes.map(({ patient }) => patient)).size).toBe(1);
    expect(found.volumes.every(({ masks }) => masks[0] === names[4])).toBe(true);
    expect(pairVolumes("", ["imagesTr/c_01_0000.nii.gz", "labelsTr/c_01.nii.gz"]).volumes[0]!.masks).toHaveLength(1);
    expect(pairVolumes("", ["a.nii", "b_mask.nii"]).orphans).toEqual(["b_mask.nii"]);
  });

  /** Volumes with their patient and masks. */
  const paired = (...paths: string[]) => {
    const { volumes, orphans } = pairVolumes("", paths);
    return { orphans, volumes: volumes.map(({ path, patient, masks }) => [path, patient, ...masks]) };
  };

  test("numbers of four digits are patients, not channels; channels begin with 0000", () => {
    expect(paired("img/i_0001.nii", "img/i_0002.nii", "masks/i_0001.nii", "masks/i_0002.nii").volumes).toEqual([
      ["img/i_0001.nii", "i_0001", "masks/i_0001.nii"],
      ["img/i_0002.nii", "i_0002", "masks/i_0002.nii"],
    ]);
    const channels = ["1_0000", "1_0001", "2_0000", "2_0001"].map((name) => `imagesTr/c_00${name}.nii.gz`);
    expect(paired(...channels, "labelsTr/c_001.nii.gz").volumes).toEqual([
      [channels[0], "c_001", "labelsTr/c_001.nii.gz"],
      [channels[1], "c_001", "labelsTr/c_001.nii.gz"],
      [channels[2], "c_002"],
      [channels[3], "c_002"],
    ]);
  });

  test.each<[string, string[], (readonly string[])[]]>([
    [
      "LiTS: volume-0 and segmentation-0, in folders of their own",
      ["volume_pt1/volume-0.nii", "volume_pt2/volume-10.nii", "segs/segmentation-0.nii", "segs/segmentation-10.nii"],
      [["segs/segmentation-0.nii"], ["segs/segmentation-10.nii"]],
    ],
    [
      "KiTS: imaging and segmentation in the folder of a case",
      ["c/case_00000/imaging.nii.gz", "c/case_00000/segmentation.nii.gz", "c/case_00001/imaging.nii.gz"],
      [["c/case_00000/segmentation.nii.gz"], []],
    ],
    [
      "TotalSegmentator: a folder of masks beside the volume",
      ["s0000/ct.nii.gz", "s0001/ct.nii.gz", "s0000/segmentations/liver.nii.gz", "s0000/segmentations/spleen.nii.gz"],
      [["s0000/segmentations/liver.nii.gz", "s0000/segmentations/spleen.nii.gz"], []],
    ],
    [
      "MosMed: masks in one folder, studies in folders of their class",
      ["s/CT-0/study_0001.nii.gz", "s/CT-1/study_0255.nii.gz", "masks/study_0255_mask.nii.gz"],
      [[], ["masks/study_0255_mask.nii.gz"]],
    ],
    [
      "ISLES: masks as derivatives of BIDS",
      ["d/sub-s1/ses-1/dwi/sub-s1_ses-1_dwi.nii.gz", "d/derivatives/sub-s1/ses-1/sub-s1_ses-1_msk.nii.gz"],
      [["d/derivatives/sub-s1/ses-1/sub-s1_ses-1_msk.nii.gz"]],
    ],
    [
      "WMH: sequences in a folder, the mask in the one around it",
      ["Utrecht/0/pre/FLAIR.nii.gz", "Utrecht/0/pre/T1.nii.gz", "Utrecht/2/pre/T1.nii.gz", "Utrecht/0/wmh.nii.gz"],
      [["Utrecht/0/wmh.nii.gz"], ["Utrecht/0/wmh.nii.gz"], []],
    ],
    [
      "BTCV: img0001 and label0001",
      [
        "RawData/Training/img/img0001.nii.gz",
        "RawData/Training/label/label0001.nii.gz",
        "RawData/Testing/img/img0061.nii.gz",
      ],
      [["RawData/Training/label/label0001.nii.gz"], []],
    ],
  ])("masks of %s", (_, paths, masks) => {
    const { volumes, orphans } = pairVolumes("", paths);
    expect([orphans, volumes.map((volume) => volume.masks)]).toEqual([[], masks]);
  });

  test("sequences in folders of their own are of the same patients", () => {
    const patients = paired("IXI-T1/IXI002-Guys-T1.nii.gz", "IXI-T2/IXI002-Guys-T2.nii.gz").volumes.map((v) => v[1]);
    expect(new Set(patients).size).toBe(1);
  });

  test("folders of patients called after their part of the challenge are no splits; those of training and testing are", () => {
    const understood = (...paths: string[]) =>
      understandVolumes(pairVolumes("", paths), {}).volumes.map(({ patient, split }) => [patient, split]);
    const brats = ["001", "002"].map((n) => `Training_${n}`);
    expect(understood(...brats.map((p) => `BraTS20_${p}/BraTS20_${p}_t1.nii`))).toEqual(
      brats.map((p) => [`BraTS20_${p}`, undefined]),
    );
    expect(
      understood(
        "ACDC/training/patient001/patient001_frame01.nii.gz",
        "ACDC/training/patient001/patient001_frame12.nii.gz",
        "ACDC/testing/patient101/patient101_frame01.nii.gz",
      ),
    ).toEqual([
      ["patient001", "train"],
      ["patient001", "train"],
      ["patient101", "test"],
    ]);
    expect(understood("imagesTr/la_1.nii", "imagesTr/la_2.nii", "imagesTs/la_3.nii")).toEqual([
      ["la_1", "train"],
      ["la_2", "train"],
      ["la_3", "test"],
    ]);
  });

  test.each([
    [
      "BIDS: two sessions of a subject are one patient, sessions and anat no classes",
      ["sub-01", "sub-02"].flatMap((sub) =>
        ["ses-1", "ses-2"].flatMap((ses) =>
          ["anat/T1w", "dwi/dwi"].map(
            (kind) => `ds/${sub}/${ses}/${kind.split("/")[0]}/${sub}_${ses}_${kind.split("/")[1]}.nii.gz`,
          ),
        ),
      ),
      ["sub-01", "sub-02"],
      [""],
    ],
    [
      "ADNI: visits below a subject",
      ["002_S_0295", "002_S_0413", "003_S_0907"].flatMap((subject) =>
        ["2006-04-18_08_20_30.0", "2006-11-02_08_16_44.0"].map(
          (visit, i) => `ADNI/${subject}/MPR__GradWarp__B1/${visit}/I11867${i}/ADNI_${subject}_MR_${i}.nii`,
        ),
      ),
      ["002_S_0295", "002_S_0413", "003_S_0907"],
      [""],
    ],
    [
      "subjects below classes",
      ["AD", "CN"].flatMap((name) =>
        [1, 2].flatMap((n) => ["a", "b"].map((v) => `${name}/${name}_S_000${n}/${v}.nii`)),
      ),
      ["AD_S_0001", "AD_S_0002", "CN_S_0001", "CN_S_0002"],
      ["AD", "CN"],
    ],
  ])("of people with several visits: %s", async (_, paths, people, classes) => {
    const files = Object.fromEntries(
      paths.map((path, n) => [path, path.endsWith("gz") ? image(n) : nifti({ value: (i, j, k) => ramp(i, j, k) + n })]),
    );
    const { dataset, said } = await imported(files);
    expect([...new Set(dataset.samples.map(({ patient }) => patient))].sort()).toEqual(people);
    expect(dataset.classes).toEqual(classes);
    expect(said).toMatch(/the patients are the folders folder_\d/);
  });

  test("of class folders keeps the classes; slices of one value are left out and said", async () => {
    const files = Object.fromEntries(
      ["ad/1", "ad/2", "cn/3", "cn/4"].map((name, n) => [
        `${name}.nii`,
        nifti({ value: (i, j, k) => (k === 0 ? 0 : ramp(i, j, k) + n) }),
      ]),
    );
    const { plan, dataset, said } = await imported(files);
    expect(plan.perClass).toEqual({ ad: 2, cn: 2 });
    expect(dataset.classes).toEqual(["ad", "cn"]);
    expect(said).toContain("4 slices of one single value are left out");
  });

  test("of what is damaged names it, and leaves it out by reason where that is asked for", async () => {
    const files = {
      "a.nii": nifti({ value: ramp }),
      "cut.nii": nifti({ value: ramp }).subarray(0, 380),
      "cut.nii.gz": image().subarray(0, 60),
      "page.nii.gz": "<!doctype html><html>",
      "rgb.nii": nifti({ type: 128, value: ramp }),
      "m.nii": nifti({ value: ramp }),
      "m_seg.nii": nifti({ dims: [2, 2, 2], value: ramp }),
    };
    const error = await failure(imported(files));
    expect(error.problems.map(({ path, code }) => [path, code])).toEqual([
      ["cut.nii", "cut-short"],
      ["cut.nii.gz", "damaged-image"],
      ["m_seg.nii", "mask-size"],
      ["page.nii.gz", "web-page"],
      ["rgb.nii", "image-format"],
    ]);
    expect((await imported(files, { skipDamaged: true })).plan).toMatchObject({ images: 2, volumes: 1 });
  });
});

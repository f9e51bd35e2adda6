import { invariant } from "../../core/errors.ts";
import { type Code, codeItem, FINDING, PROCESSING_EQUIPMENT } from "./codes.ts";
import { type DicomDataset, textFor } from "./dataset.ts";

/** Secondary Capture Image Storage (PS3.4 B.5): for grey images. */
const SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7";
/** VL Photographic Image Storage (PS3.4 B.5): for colour images. */
const VL_PHOTOGRAPHIC = "1.2.840.10008.5.1.4.1.1.77.1.4";

/** Decoded image: 8 bits a channel, rows from the top, `HWC`. */
export interface DicomPixels {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 sRGB. */
  readonly channels: 1 | 3;
  /** Length height * width * channels, range 0..255. */
  readonly data: Uint8Array;
}

/** A synthetic image and what is said of it. */
export interface SyntheticImage {
  readonly pixels: DicomPixels;
  /** Class that was asked for. */
  readonly label: string;
  /** The class as a concept of a coding scheme. Defaults to none: the label stands as text. */
  readonly code?: Code;
  /** Region of the body that it shows. Defaults to none, which leaves the attribute out. */
  readonly anatomicRegion?: Code | undefined;
  /** Further words on the image. */
  readonly comments: string;
  /** Name of the release that it belongs to. */
  readonly release: string;
  /** Names the release in ids, a few characters. */
  readonly releaseId: string;
  /** Number of the class, from 1: the invented subject, its study. */
  readonly classNumber: number;
  /** Number of the image in its class, from 1. */
  readonly instanceNumber: number;
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly instanceUid: string;
  /** `YYYY-MM-DD`; null where none is stated. */
  readonly date: string | null;
  /** What drew it, e.g. the hash of the generator and the seed. */
  readonly origin: string;
  /** Version of Ganglion. */
  readonly version: string;
  /** States Synthetic Data (0008,001C) too, which validators older than the standard of 2022 call an error. */
  readonly syntheticData: boolean;
}

const NO_PERSON = "Synthetic: drawn by a generative model, shows no person";

/** `SYNTHETIC^0001`: a subject that stands for a class and for no person. */
const subjectName = (classNumber: number) => `SYNTHETIC^${String(classNumber).padStart(4, "0")}`;

/** Patient ID of {@link subjectName}, of its own for each release. */
export const subjectId = (releaseId: string, classNumber: number) =>
  `SYNTHETIC-${releaseId}-${String(classNumber).padStart(4, "0")}`;

/**
 * Dataset of a synthetic image: Secondary Capture (PS3.3 A.8.1) for grey, VL Photographic (PS3.3 A.32.4) for RGB, with
 * the modules that these demand. It names no person and no place, and is marked as derived and synthetic.
 */
export function syntheticImage(image: SyntheticImage): DicomDataset {
  const { pixels, version } = image;
  const { width, height, channels, data } = pixels;
  invariant(data.length === width * height * channels, `${width}x${height}x${channels} with ${data.length} bytes`);
  const grey = channels === 1;
  const date = (image.date ?? "").replaceAll("-", "");
  const number = String(image.classNumber).padStart(4, "0");
  return {
    // SOP Common (C.12.1)
    SpecificCharacterSet: "ISO_IR 192",
    SOPClassUID: grey ? SECONDARY_CAPTURE : VL_PHOTOGRAPHIC,
    SOPInstanceUID: image.instanceUid,
    ...(image.syntheticData ? { SyntheticData: "YES" } : {}),
    ContributingEquipmentSequence: [
      {
        PurposeOfReferenceCodeSequence: [codeItem(PROCESSING_EQUIPMENT)],
        Manufacturer: "Ganglion",
        SoftwareVersions: version,
        ContributionDescription: textFor("ST", image.origin),
      },
    ],
    // Patient (C.7.1.1)
    PatientName: subjectName(image.classNumber),
    PatientID: subjectId(image.releaseId, image.classNumber),
    IssuerOfPatientID: "GANGLION SYNTHETIC",
    PatientBirthDate: "",
    PatientSex: "",
    PatientComments: `${NO_PERSON}. The subject stands for a class of images.`,
    PatientIdentityRemoved: "YES",
    DeidentificationMethod: NO_PERSON,
    // General Study (C.7.2.1) and General Series (C.7.3.1)
    StudyInstanceUID: image.studyUid,
    StudyDate: date,
    StudyTime: date === "" ? "" : "000000",
    StudyID: number,
    AccessionNumber: "",
    ReferringPhysicianName: "",
    StudyDescription: textFor("LO", `SYNTHETIC ${image.label}`),
    SeriesInstanceUID: image.seriesUid,
    SeriesNumber: "1",
    SeriesDescription: textFor("LO", `SYNTHETIC ${image.label} of ${image.release}`),
    Modality: grey ? "OT" : "XC",
    Laterality: "",
    // General Equipment (C.7.5.1)
    Manufacturer: "Ganglion",
    ManufacturerModelName: "generative model",
    SoftwareVersions: version,
    // General Image (C.7.6.1)
    InstanceNumber: String(image.instanceNumber),
    PatientOrientation: "",
    ImageType: ["DERIVED", "SECONDARY"],
    DerivationDescription: `${NO_PERSON}.`,
    BurnedInAnnotation: "NO",
    RecognizableVisualFeatures: "NO",
    QualityControlImage: "YES",
    LossyImageCompression: "00",
    ImageComments: textFor("LT", image.comments),
    ...(image.anatomicRegion === undefined ? {} : { AnatomicRegionSequence: [codeItem(image.anatomicRegion)] }),
    // Acquisition Context (C.7.6.14): what the model was asked for
    AcquisitionContextSequence: findingItems(image),
    // Image Pixel (C.7.6.3)
    SamplesPerPixel: channels,
    PhotometricInterpretation: grey ? "MONOCHROME2" : "RGB",
    ...(grey ? {} : { PlanarConfiguration: 0 }),
    Rows: height,
    Columns: width,
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    PixelRepresentation: 0,
    PixelData: data,
    // SC Equipment (C.8.6.1): "Synthetic Image"; photographs are extended by it
    ConversionType: "SYN",
    // VOI LUT (C.11.2): value x is shown as x, where viewers would stretch the contrast
    ...(grey ? { WindowCenter: "128", WindowWidth: "256" } : {}),
  };
}

/** The class as a finding; nothing where images have no class. */
function findingItems({ label, code }: SyntheticImage): DicomDataset[] {
  const name = { ConceptNameCodeSequence: [codeItem(FINDING)] };
  if (code !== undefined) return [{ ValueType: "CODE", ...name, ConceptCodeSequence: [codeItem(code)] }];
  const text = textFor("UT", label);
  return text === "" ? [] : [{ ValueType: "TEXT", ...name, TextValue: text }];
}

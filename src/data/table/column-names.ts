/** Roles that one column fills, besides the file. */
export type SingleRole = "label" | "patient" | "split" | "mask" | "tone";

/** A column name in one spelling: `Patient ID`, `patient_id` and `PatientID` are `patientid`; accents are dropped. */
export const plainName = (name: string): string =>
  name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

/** Plain names under which public collections keep each role, most telling first. */
export const COMMON_NAMES: Readonly<Record<SingleRole | "file", readonly string[]>> = {
  file: [
    "filename",
    "imagefilename",
    "imagefile",
    "imagefilepath",
    "imagepath",
    "imgpath",
    "filepath",
    "imagename",
    "imgname",
    "imageindex",
    "imageid",
    "imgid",
    "isicid",
    "idcode",
    "image",
    "img",
    "file",
    "path",
    "xrayimagename",
    "picture",
    "photo",
    "id",
    "name",
  ],
  label: [
    "label",
    "diagnosis",
    "dx",
    "class",
    "target",
    "classname",
    "category",
    "finding",
    "labels",
    "findinglabels",
    "findinglabel",
    "findings",
    "pathology",
    "diagnostic",
    "diagnoses",
    "diagnose",
    "diagnostico",
    "diagnosisname",
    "disease",
    "diseases",
    "condition",
    "benignmalignant",
    "imageclass",
    "classlabel",
    "classid",
    "labelname",
    "groundtruth",
    "retinopathygrade",
    "drgrade",
    "grade",
    "isupgrade",
    "findingcategories",
    "birads",
    "breastbirads",
    "findingbirads",
    "researchgroup",
    "cdr",
    "level",
    "tumortype",
    "lesiontype",
    "y",
  ],
  patient: [
    "patientid",
    "patient",
    "subjectid",
    "subject",
    "participantid",
    "participant",
    "patientnumber",
    "patientcode",
    "subjectcode",
    "patientkey",
    "pid",
    "mrn",
    "caseid",
    "case",
    "lesionid",
    "lesion",
    "slideid",
  ],
  split: ["split", "subset", "foldname", "datasplit", "traintest", "partition", "phase", "usage", "set"],
  mask: [
    "maskfilename",
    "mask",
    "maskpath",
    "maskfile",
    "maskname",
    "segmentation",
    "segmentationpath",
    "segmentationfile",
    "maskid",
    "roimaskfilepath",
    "lesionmask",
  ],
  tone: ["tone", "skintone", "fitzpatrick", "fitzpatrickscale", "fitzpatrickskintype", "monkskintone"],
};

/** Names that tell a place or a size in an image: never a class. */
const COORDINATES = new Set([
  ..."x y z w h x1 y1 x2 y2 x0 y0 xmin ymin xmax ymax cx cy dx1 dy1 left top right bottom width height depth".split(
    " ",
  ),
  ..."centerx centery centrex centrey area radius bbox bboxx bboxy bboxw bboxh rows columns row column".split(" "),
]);

/** True for the name of a coordinate, a size or another place in an image. */
export const isCoordinate = (name: string): boolean => COORDINATES.has(plainName(name));

/** Four names of a box by corners or by corner and size, in plain names; the first set that is there is taken. */
export const BOX_NAMES: readonly (readonly [string, string, string, string])[] = [
  ["xmin", "ymin", "xmax", "ymax"],
  ["x1", "y1", "x2", "y2"],
  ["left", "top", "right", "bottom"],
  ["bboxxmin", "bboxymin", "bboxxmax", "bboxymax"],
  ["x", "y", "width", "height"],
  ["x", "y", "w", "h"],
  ["bboxx", "bboxy", "bboxw", "bboxh"],
  ["bboxx", "y", "w", "h"],
  ["bboxx", "bboxy", "bboxwidth", "bboxheight"],
  ["xmin", "ymin", "width", "height"],
];

/** True where the last two names of a box are its width and height, not a corner. */
export const isSizedBox = (names: readonly string[]): boolean => /(w|width)$/.test(plainName(names[2] ?? ""));

import type { ReleaseContent } from "../package-writer.ts";
import { CROISSANT_CONTEXT, CROISSANT_VERSION } from "./context.ts";

/** A file that the description vouches for. */
export interface DescribedFile {
  /** Path within the release. */
  readonly path: string;
  readonly encodingFormat: string;
  readonly description: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A column of the table: name, type, and what it holds. */
export interface DescribedColumn {
  readonly name: string;
  readonly dataType: string | readonly string[];
  readonly description: string;
}

export interface CroissantInput {
  readonly content: ReleaseContent;
  /** The table, then any other file. */
  readonly files: readonly [DescribedFile, ...DescribedFile[]];
  /** Columns of the table in order, `file_name` first. */
  readonly columns: readonly DescribedColumn[];
  /** Name of the column with masks; null for sets without. */
  readonly maskColumn: string | null;
}

const TABLE = "table";
const IMAGES = "images";
const MASKS = "masks";

const reference = (id: string) => ({ "@id": id });

const fileObject = ({ path, encodingFormat, description, bytes, sha256 }: DescribedFile) => ({
  "@type": "cr:FileObject",
  "@id": path,
  name: path.slice(path.lastIndexOf("/") + 1),
  description,
  contentUrl: path,
  contentSize: `${bytes} B`,
  encodingFormat,
  sha256,
});

/** All PNG files of a folder; the files of a set without `containedIn` lie beside the description. */
const fileSet = (id: string, folder: string, description: string) => ({
  "@type": "cr:FileSet",
  "@id": id,
  name: id,
  description,
  encodingFormat: "image/png",
  includes: `data/${folder}/*/*.png`,
});

/** The records of pictures of one folder, joined with the row of the table that names them. */
function pictureSet(id: string, column: string, description: string, contentType: string | string[], labels: object[]) {
  const files = { fileSet: reference(`${id}-files`) };
  return {
    "@type": "cr:RecordSet",
    "@id": id,
    name: id,
    description,
    key: reference(`${id}/${column}`),
    field: [
      {
        "@type": "cr:Field",
        "@id": `${id}/${column}`,
        name: column,
        description: "Path of the file within `data`.",
        dataType: "sc:Text",
        // mlcroissant applies the expression again to what it made, which must then stay as it is.
        source: { ...files, extract: { fileProperty: "fullpath" }, transform: { regex: "^(?:data/)?(.+)$" } },
        references: { field: reference(`${TABLE}/${column}`) },
      },
      {
        "@type": "cr:Field",
        "@id": `${id}/content`,
        name: "content",
        description: "The picture.",
        dataType: contentType,
        source: { ...files, extract: { fileProperty: "content" } },
      },
      ...labels,
    ],
  };
}

/**
 * Croissant 1.0 description of a release as an image folder (mlcommons.org/croissant/1.0): files with their sums, the
 * table, and the images joined with it by its fields, as mlcroissant reads a join. `creator`, `url` and `datePublished`, which the format requires, are there where
 * the config states them.
 */
export function croissantOf({ content, files, columns, maskColumn }: CroissantInput): Record<string, unknown> {
  const { name, description, license, creator, url, date } = content;
  const [table] = files;
  const field = (set: string, { name: column, dataType, description: said }: DescribedColumn) => ({
    "@type": "cr:Field",
    "@id": `${set}/${column}`,
    name: column,
    description: said,
    dataType,
    source: { fileObject: reference(table.path), extract: { column } },
  });
  const label = columns.find(({ name: column }) => column === "label");
  return {
    "@context": CROISSANT_CONTEXT,
    "@type": "sc:Dataset",
    name,
    description,
    conformsTo: CROISSANT_VERSION,
    license: license.url,
    ...(url === null ? {} : { url }),
    ...(creator === null ? {} : { creator: { "@type": "sc:Organization", name: creator } }),
    ...(date === null ? {} : { datePublished: date }),
    version: "1.0.0",
    keywords: ["synthetic", "medical imaging", "generative adversarial network"],
    isLiveDataset: false,
    "rai:personalSensitiveInformation": "None: every image was drawn by a generator; none is of a patient.",
    distribution: [
      ...files.map(fileObject),
      fileSet(`${IMAGES}-files`, "images", "The synthetic images."),
      ...(maskColumn === null ? [] : [fileSet(`${MASKS}-files`, "masks", "The regions asked for, 255 inside.")]),
    ],
    recordSet: [
      {
        "@type": "cr:RecordSet",
        "@id": TABLE,
        name: TABLE,
        description: "One row for each image.",
        key: reference(`${TABLE}/file_name`),
        field: columns.map((column) => field(TABLE, column)),
      },
      pictureSet(
        IMAGES,
        "file_name",
        "The images with their classes.",
        "sc:ImageObject",
        label === undefined ? [] : [{ ...field(IMAGES, label), source: { field: reference(`${TABLE}/label`) } }],
      ),
      ...(maskColumn === null
        ? []
        : [pictureSet(MASKS, maskColumn, "The masks.", ["sc:ImageObject", "cr:SegmentationMask"], [])]),
    ],
  };
}

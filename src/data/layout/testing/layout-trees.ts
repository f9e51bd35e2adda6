// Small trees of collections as they are unpacked: names and columns as published, pixels and values invented.
import { join } from "node:path";
import { temporaryFolder } from "../../../core/testing/fixtures.ts";
import type { ColumnOptions } from "../../columns.ts";
import { readDataset } from "../../dataset.ts";
import { pngOf, writeFiles } from "../../testing/fixtures.ts";
import type { Dataset } from "../../types.ts";

const folder = await temporaryFolder();
const png = await pngOf(1);
let made = 0;

/** Files by their paths. */
export type Tree = Readonly<Record<string, string | Uint8Array>>;

export const images = (...paths: string[]): Tree => Object.fromEntries(paths.map((path) => [path, png]));
/** Images 1 to n. */
export const several = (n: number, path: (i: number) => string): Tree =>
  images(...Array.from({ length: n }, (_, i) => path(i + 1)));
/** Writes a tree. @returns its folder */
export const planted = (parts: readonly Tree[]): Promise<string> =>
  writeFiles(join(folder, String(made++)), Object.assign({}, ...parts));
export const read = async (parts: readonly Tree[], options?: ColumnOptions): Promise<Dataset> =>
  readDataset(await planted(parts), options);

/** How many images each class has. */
export const perClass = ({ classes, samples }: Dataset): Record<string, number> =>
  Object.fromEntries(classes.map((name) => [name, samples.filter(({ label }) => label === name).length]));
export const splitsOf = ({ samples }: Dataset): (string | undefined)[] =>
  [...new Set(samples.map(({ split }) => split))].sort();
/** Each image with its masks. */
export const masksOf = ({ samples }: Dataset): string[][] =>
  samples.map(({ fileName, mask, moreMasks = [] }) => [fileName, ...(mask === undefined ? [] : [mask]), ...moreMasks]);
/** All that was said. */
export const said = ({ notes }: Dataset): string => notes.join("\n");

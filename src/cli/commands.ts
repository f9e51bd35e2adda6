import type { CommandModule } from "./command.ts";

/** One line of `ganglion --help`; the code behind it is loaded only when the command is called. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<CommandModule>;
}

/** Every command, in the order of the job. */
export const commands: readonly CommandEntry[] = [
  {
    name: "demo",
    summary: "the whole workflow on invented lesions, in minutes",
    load: () => import("./command/demo.ts"),
  },
  {
    name: "phantom",
    summary: "draw labelled lesions with known ground truth",
    load: () => import("./command/phantom.ts"),
  },
  {
    name: "inspect",
    summary: "count classes, find duplicates and leaks across splits",
    load: () => import("./command/inspect.ts"),
  },
  {
    name: "import",
    summary: "convert images, class folders, an .npz or DICOM to a dataset",
    load: () => import("./command/import.ts"),
  },
  {
    name: "train",
    summary: "train a class-conditional GAN on a dataset",
    load: () => import("./command/train.ts"),
  },
  {
    name: "generate",
    summary: "draw images of each class from a trained generator",
    load: () => import("./command/generate.ts"),
  },
  {
    name: "balance",
    summary: "add synthetic images until the classes are balanced",
    load: () => import("./command/balance.ts"),
  },
  {
    name: "evaluate",
    summary: "compare synthetic with real images and write a report",
    load: () => import("./command/evaluate.ts"),
  },
  {
    name: "ablate",
    summary: "train map-to-image without each of its parts and compare the results",
    load: () => import("./command/ablate.ts"),
  },
  {
    name: "audit",
    summary: "measure what a synthetic set reveals about its training images",
    load: () => import("./command/audit.ts"),
  },
  {
    name: "study",
    summary: "test by experiment whether synthetic images help a classifier",
    load: () => import("./command/study.ts"),
  },
  {
    name: "worker",
    summary: "run jobs of studies from a queue, on this machine",
    load: () => import("./command/worker.ts"),
  },
  {
    name: "release",
    summary: "package a synthetic set if its audit allows it, with card, checksums and licence",
    load: () => import("./command/release.ts"),
  },
  {
    name: "verify",
    summary: "check that a release is unchanged",
    load: () => import("./command/verify.ts"),
  },
  {
    name: "send",
    summary: "send a release in DICOM to a PACS",
    load: () => import("./command/send.ts"),
  },
  {
    name: "studio",
    summary: "draw, view and compare images in the browser, on this machine only",
    load: () => import("./command/studio.ts"),
  },
];

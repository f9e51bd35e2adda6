import type { z } from "zod";
import type { CommandModule, TypedCommand } from "./command.ts";
import { parseOptions } from "./options.ts";

/** One line of `ganglion --help`; the code behind it is loaded only when the command is called. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<CommandModule>;
}

/** A command whose options are checked by its schema before it runs. */
function typed<Shape extends z.ZodRawShape>(load: () => Promise<TypedCommand<Shape>>): () => Promise<CommandModule> {
  return async () => {
    const { configure, options, run } = await load();
    return { configure, run: (args, given, context) => run(args, parseOptions(options, given), context) };
  };
}

/** Every command, in the order of the job. */
export const commands: readonly CommandEntry[] = [
  {
    name: "demo",
    summary: "the whole workflow on invented lesions, in minutes",
    load: typed(() => import("./command/demo.ts")),
  },
  {
    name: "phantom",
    summary: "draw labelled lesions with known ground truth",
    load: typed(() => import("./command/phantom.ts")),
  },
  {
    name: "inspect",
    summary: "count classes, find duplicates and leaks across splits",
    load: typed(() => import("./command/inspect.ts")),
  },
  {
    name: "import",
    summary: "convert images, class folders, an .npz or DICOM to a dataset",
    load: typed(() => import("./command/import.ts")),
  },
  {
    name: "split",
    summary: "divide a dataset by patient, so that some images are never trained on",
    load: typed(() => import("./command/split.ts")),
  },
  {
    name: "export",
    summary: "write images with their boxes and masks as COCO or YOLO",
    load: typed(() => import("./command/export.ts")),
  },
  {
    name: "train",
    summary: "train a class-conditional GAN on a dataset",
    load: typed(() => import("./command/train.ts")),
  },
  {
    name: "starts",
    summary: "list the trained networks that a training can begin from",
    load: typed(() => import("./command/starts.ts")),
  },
  {
    name: "generate",
    summary: "draw images of each class from a trained generator",
    load: typed(() => import("./command/generate.ts")),
  },
  {
    name: "balance",
    summary: "add synthetic images until the classes are balanced",
    load: typed(() => import("./command/balance.ts")),
  },
  {
    name: "evaluate",
    summary: "compare synthetic with real images and write a report",
    load: typed(() => import("./command/evaluate.ts")),
  },
  {
    name: "ablate",
    summary: "train map-to-image without each of its parts and compare the results",
    load: typed(() => import("./command/ablate.ts")),
  },
  {
    name: "audit",
    summary: "measure what a synthetic set reveals about its training images",
    load: typed(() => import("./command/audit.ts")),
  },
  {
    name: "study",
    summary: "test by experiment whether synthetic images help a classifier",
    load: typed(() => import("./command/study.ts")),
  },
  {
    name: "worker",
    summary: "run jobs of studies from a queue, on this machine",
    load: typed(() => import("./command/worker.ts")),
  },
  {
    name: "release",
    summary: "package a synthetic set if its audit allows it, with card, checksums and licence",
    load: typed(() => import("./command/release.ts")),
  },
  {
    name: "verify",
    summary: "check that a release is unchanged",
    load: typed(() => import("./command/verify.ts")),
  },
  {
    name: "send",
    summary: "send a release in DICOM to a PACS",
    load: typed(() => import("./command/send.ts")),
  },
  {
    name: "studio",
    summary: "draw, view and compare images in the browser, on this machine only",
    load: typed(() => import("./command/studio.ts")),
  },
  {
    name: "doctor",
    summary: "look for what Ganglion needs on this machine, with a remedy each",
    load: typed(() => import("./command/doctor.ts")),
  },
  {
    name: "completion",
    summary: "print a script that completes commands and options in a shell",
    load: typed(() => import("./command/completion.ts")),
  },
];

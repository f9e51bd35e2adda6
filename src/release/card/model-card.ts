import type { InputKind } from "../../model/index.ts";
import { hubLicense } from "../license.ts";
import type { ReleaseContent } from "../package-writer.ts";
import { drawSnippet } from "./draw-snippet.ts";
import { frontMatter } from "./front-matter.ts";
import { privacyStatement } from "./privacy-statement.ts";
import { startsSection } from "./starts-section.ts";
import { auditTable, table } from "./tables.ts";

/** What a generator says of itself that may be said aloud. */
export interface ModelFacts {
  /** Name of the family. */
  readonly model: string;
  readonly input: InputKind;
  readonly resolution: number;
  readonly channels: number;
  readonly latent: number;
  readonly classes: readonly string[];
  readonly imagesSeen: number;
  readonly hash: string;
}

const WARNING = `> **Warning: this is a model of patients.** Its weights were computed from images of patients. Anyone who has it can draw without limit, search
> it for images near to one that they hold, and attack it in ways that its images alone do not allow. The audit below is of a set
> of images, not of the weights. Share it only where the images it learned from could be shared on the same terms.`;

/** `generator/README.md`: the model card. */
export function modelCard(content: ReleaseContent, facts: ModelFacts): string {
  const { license, version, audit, name } = content;
  const rows = [
    ["model", facts.model],
    ["output", `${facts.resolution} x ${facts.resolution} pixels, ${facts.channels === 1 ? "grey" : "RGB"}`],
    ["input", facts.input === "maps" ? "semantic maps" : `latent of ${facts.latent} numbers, class`],
    ["classes", facts.classes.join(", ")],
    ["images seen in training", String(facts.imagesSeen)],
    ["SHA-256 of generator.onnx", `\`${facts.hash}\``],
    ["made by", `Ganglion ${version}`],
  ];
  const parts = [
    `# Generator of ${name}`,
    WARNING,
    table(["", ""], rows),
    "## Privacy",
    privacyStatement(content),
    auditTable(audit),
    ...startsSection(content.starts),
    "## Use",
    "`generator.onnx` runs in ONNX Runtime; its `metadata_props` describe its inputs. It is meant for drawing more images like those that were audited. It is not meant for diagnosis, and must not be trained further without new evidence of what it then remembers.",
    "In Python, after `pip install onnxruntime pillow`, an image of each class:",
    `\`\`\`python\n${drawSnippet(facts.input)}\n\`\`\``,
    "The discriminator and the checkpoints of the training are not included and must not be shared: they remember more.",
  ];
  const front = { ...hubLicense(license), library_name: "onnx", tags: ["medical", "synthetic", "gan", "ganglion"] };
  return `${frontMatter(front)}${parts.join("\n\n")}\n`;
}

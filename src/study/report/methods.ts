import type { Arm } from "../arms.ts";
import { parseOutcomeMetric } from "../statistics/outcome-metric.ts";
import { MIN_SEEDS } from "../statistics/paired-difference.ts";
import { classifierText } from "./classifier-words.ts";
import { escapeMarkdown } from "./markdown-table.ts";
import type { StudyOutcome } from "./study-outcome.ts";
import { armKind, counted, coverage, distributionWords, listed, metricWords, onlyWords } from "./words.ts";

/** A paragraph of the methods, without markup. */
export interface MethodsPart {
  readonly title: string;
  readonly text: string;
}

const number = (n: number) => n.toLocaleString("en-US");

const perClass = (classes: readonly string[], counts: readonly number[]) =>
  classes.map((name, c) => `${number(counts[c] ?? 0)} ${name}`).join(", ");

function dataText({ config, data, classes, validation, testSets }: StudyOutcome): string {
  const { resolution, splitSeed, where, positive, heldOut } = config.data;
  const filter = where.length === 0 ? "" : ` where ${listed(where)}`;
  const task =
    positive === null
      ? `${counted(classes.length, "class").replace("classs", "classes")}`
      : `${positive} against all other images`;
  const tests = config.testSets.flatMap((set) => {
    const found = testSets.find(({ name }) => name === set.name);
    if (found === undefined) return [];
    const { name, distribution, dataset, hash, n, patients, perClass: counts } = found;
    const mapping = Object.entries(set.classes).map(([own, of]) => `${own} as ${of}`);
    const mapped = mapping.length === 0 ? "" : `, classes ${listed(mapping)}`;
    const filters = set.where.length === 0 ? "" : `, where ${listed(set.where)}`;
    return `${name} (${distributionWords(distribution)}): ${number(n)} images of ${counted(patients, "patient")} of ${dataset} (${perClass(classes, counts)}${filters}${mapped}; SHA-256 ${hash})`;
  });
  const drawn =
    heldOut === null ? "" : ` A share of ${heldOut} of the patients of ${data.name} was held out for testing first.`;
  return [
    `Classifiers distinguished ${task}.${drawn} They were trained on ${number(data.n)} real images of ${data.name}${filter} (${perClass(classes, data.perClass)}; SHA-256 ${data.hash}), of which ${number(validation)}, those of a share of ${config.data.validation} of the patients, were used for early stopping and not for training. Patients were drawn stratified by class with seed ${splitSeed}; none is in two parts.`,
    `Every image was cropped to its largest centred square and resized to ${resolution} × ${resolution} pixels (Lanczos, a = 3).`,
    `All classifiers were tested on the same images. ${tests.map((test) => `Test set ${test}`).join(". ")}.`,
  ].join(" ");
}

function armText({ config, arms }: StudyOutcome): string {
  const kinds = (kind: ReturnType<typeof armKind>) => arms.filter((arm) => armKind(arm) === kind);
  const names = (list: readonly Arm[]) => listed(list.map(({ name }) => `“${name}”`));
  const policies: Record<string, string> = {
    "as is": "divided over the classes like the real images",
    balanced: "given image by image to the class that is smallest at that point",
    minority: "given image by image to the class that is smallest at that point, except the largest",
  };
  const ratios = config.arms.synthetic.flatMap(({ ratios, classes }) =>
    ratios.some((ratio) => ratio !== "balance") ? classes : [],
  );
  const parts = [
    `${counted(arms.length, "arm")} were trained with ${counted(config.seeds.length, "seed")} each (${config.seeds.join(", ")}); the same seeds were paired across arms.`,
  ];
  const controls = kinds("control").filter(({ share }) => share === 1);
  if (controls.length > 0) {
    const meanings = [
      controls.some(({ copies }) => copies > 1)
        ? "xN stands for the real images repeated to N times their number"
        : null,
      controls.some(({ oversampled }) => oversampled)
        ? "“oversampled” for images of smaller classes repeated up to the largest"
        : null,
    ].filter((meaning) => meaning !== null);
    const why =
      meanings.length === 0
        ? ""
        : ` (${meanings.join(", ")}), so that a gain cannot be due to longer training or to balance`;
    parts.push(`Besides the real images alone, the arms without synthetic images were ${names(controls)}${why}.`);
  }
  if (kinds("added").length > 0) {
    const how = [
      ...(ratios.length === 0 ? [] : ["a ratio is the number of synthetic images for each real one"]),
      ...[...new Set(ratios)].map((policy) => `${policy}: ${policies[policy]}`),
      ...(kinds("added").some(({ synthetic }) => synthetic?.amount.kind === "balance")
        ? ["“balanced by”: every class filled up to the largest"]
        : []),
    ];
    parts.push(
      `Synthetic images were added to the real ones in ${counted(kinds("added").length, "arm")} (${how.join("; ")}).`,
    );
  }
  if (kinds("only").length > 0) {
    const amounts = [...new Set(kinds("only").map(onlyWords))].join("; ");
    parts.push(`${counted(kinds("only").length, "arm")} had only synthetic images, ${amounts}.`);
  }
  if (kinds("filled").length > 0) {
    parts.push(
      `In ${counted(kinds("filled").length, "arm")} a share of the real patients was filled up with synthetic images to the size of the whole; the generator saw only that share.`,
    );
  }
  return parts.join(" ");
}

/** How images are picked, by kind of sampler; `docs/sampling.md` has the rules. */
const SAMPLERS = {
  random: "unchanged latents",
  truncation: "latents scaled by the number after it",
  reject:
    "discriminator rejection sampling (Azadi et al. 2019, arXiv 1810.06758), gamma at the percentile given by the number after it",
  best: "the images that the discriminator scores highest, of as many times the wanted number as given after it",
  worst: "the images that it scores lowest",
  diverse: "the images that are farthest apart (greedy k-centre)",
  relabel:
    "unchanged latents of the classes that lack images in turn; the class of an image is the likeliest one of a classifier of the arm's real images (without the validation images, on which its training was stopped)",
} as const;

function generatorText({ config, arms, generators }: StudyOutcome): string {
  if (generators.length === 0) return "No generator was used.";
  const each = generators.map(({ name, description, hash }) => `${name}: ${description} (SHA-256 ${hash})`);
  const froms = new Set(Object.values(config.generators).map(({ from }) => from));
  const seen = [
    froms.has("train")
      ? "Generators that were trained for the study saw the training images of the classifiers of their arm, without the validation images."
      : null,
    Object.values(config.generators).some((generator) => generator.from === "train" && generator.start !== null)
      ? "Those that began from a start had been shaped by the images that it learned from before (see the notes)."
      : null,
    froms.has("run")
      ? "Generators that were taken from a run had seen all training images, including those used for early stopping."
      : null,
  ].filter((sentence) => sentence !== null);
  const kinds = new Set(arms.flatMap(({ synthetic }) => (synthetic === null ? [] : [synthetic.sampler.split(":")[0]])));
  const samplers = Object.entries(SAMPLERS).flatMap(([kind, words]) => (kinds.has(kind) ? [`${kind}: ${words}`] : []));
  return `${seen.join(" ")} ${each.join(". ")}. Samplers: ${samplers.join("; ")}.`;
}

function statisticsText({ config }: StudyOutcome): string {
  const { metrics, primary, alpha, resamples, seeds } = config;
  const protocols = metrics.map((name) => `${metricWords(name)}: ${parseOutcomeMetric(name).protocol}`);
  const intervals =
    seeds.length < MIN_SEEDS
      ? `Differences have no intervals and arms no verdict, because at least ${MIN_SEEDS} seeds are needed.`
      : `The variance of a mean difference is that of multi-reader multi-case studies with seeds as readers (Obuchowski and Rockette 1995): the variance of the differences between seeds divided by their number, plus the mean covariance of two seeds over ${number(resamples)} resamples of the patients, each with all images. Interval (${coverage(alpha)}) and p-value weight Student's distributions of both parts by their share of the variance.`;
  return [
    `${metricWords(primary)}, chosen in advance, decided. Metrics: ${protocols.join("; ")}.`,
    `Arms were compared with their controls seed by seed on the same images. ${intervals}`,
    `An arm helps on a test set when it is better than every one of its controls (intersection-union test, Berger 1982), hurts when it is worse than every one, at the level ${alpha} after Holm's correction (1979) over the arms of that test set; everything else is not shown.`,
  ].join(" ");
}

const REFERENCES = {
  "Obuchowski and Rockette 1995":
    "Obuchowski NA, Rockette HE. Hypothesis testing of diagnostic accuracy for multiple readers and multiple tests: an ANOVA approach with dependent observations. Communications in Statistics B 1995; 24:285-308.",
  "Berger 1982":
    "Berger RL. Multiparameter hypothesis testing and acceptance sampling. Technometrics 1982; 24:295-300.",
  "Holm's correction":
    "Holm S. A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 1979; 6:65-70.",
  "calibration error":
    "Guo C, Pleiss G, Sun Y, Weinberger KQ. On calibration of modern neural networks. 2017, arXiv 1706.04599.",
  AUC: "Hanley JA, McNeil BJ. The meaning and use of the area under a receiver operating characteristic (ROC) curve. Radiology 1982; 143:29-36.",
  "arXiv 1810.06758":
    "Azadi S, Olsson C, Darrell T, Goodfellow I, Odena A. Discriminator rejection sampling. 2019, arXiv 1810.06758.",
} as const;

/** The methods of a study, exact enough to be pasted into a paper. */
export function methodsParts(outcome: StudyOutcome): MethodsPart[] {
  return [
    { title: "Data", text: dataText(outcome) },
    { title: "Arms", text: armText(outcome) },
    { title: "Generators", text: generatorText(outcome) },
    { title: "Classifier", text: classifierText(outcome) },
    { title: "Statistics", text: statisticsText(outcome) },
    {
      title: "Software",
      text: `Ganglion ${outcome.version}. Every random choice is seeded; the same configuration on the same images gives the same results.`,
    },
  ];
}

/** Works that the methods cite. */
export function methodsReferences(parts: readonly MethodsPart[]): string[] {
  const text = parts.map((part) => part.text).join(" ");
  return Object.entries(REFERENCES).flatMap(([mark, reference]) => (text.includes(mark) ? [reference] : []));
}

/** The methods as Markdown. */
export function methodsMarkdown(outcome: StudyOutcome): string {
  const parts = methodsParts(outcome);
  return [
    "## Methods",
    ...parts.map(({ title, text }) => `**${title}.** ${escapeMarkdown(text)}`),
    "### References",
    methodsReferences(parts)
      .map((reference) => `- ${escapeMarkdown(reference)}`)
      .join("\n"),
    "",
  ].join("\n\n");
}

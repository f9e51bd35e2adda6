import { commandLine, flag, freeFolder, typedPath } from "../../core/command-line.ts";
import { shellWord } from "../../core/quoted.ts";
import {
  type CopiedState,
  copiesText,
  isCopying,
  isPrivate,
  knownBudget,
  type Outcome,
  type RunConfig,
} from "../../train/index.ts";
import type { Verdict } from "../verdict/verdict-schema.ts";

/** What the next step of a run that ended follows from. */
export interface EndedRun {
  readonly config: RunConfig;
  /** Path of the run folder, as it was named. */
  readonly run: string;
  readonly imagesSeen: number;
  /** Seconds of training over all sittings. */
  readonly seconds: number;
  /** Nothing is left to train, whatever the budget. */
  readonly exhausted: boolean;
  readonly grade: Verdict["grade"];
  readonly trend: Outcome["trend"]["state"];
  /** Drawn images that repeat training images; null where nobody looked. */
  readonly copies: CopiedState | null;
}

const GOOD: readonly Verdict["grade"][] = ["close", "indistinguishable"];

/** A number of images that a person would write: two leading digits, rounded up. */
function rounded(images: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(images)) - 1);
  return Math.ceil(images / unit) * unit;
}

const thousands = (n: number): string => Math.round(n).toLocaleString("en-US");

/** The training again with another budget. Values of `--set` are not known any more and are left out. */
function anew({ model, preset, resolution, dataset, maps, license }: RunConfig, images: number): string {
  return commandLine(
    ...["train", typedPath(dataset.path), "--model", model, ...flag("--map-kind", maps?.kind)],
    ...["--preset", preset, "--resolution", String(resolution), ...flag("--label", dataset.label)],
    ...[...dataset.where.flatMap((filter) => ["--where", filter]), ...flag("--license", license || null)],
    ...["--images", String(images), "--out", freeFolder("run")],
  );
}

/** The command that a person runs next, complete, with why and how long it takes. */
export function nextStep(ended: EndedRun): Outcome["next"] {
  const { config, run, imagesSeen, seconds, exhausted, grade, trend, copies } = ended;
  if (copies !== null && isCopying(copies)) {
    const command = `ganglion generate ${shellWord(run)} --per-class 100 --out synthetic`;
    const text = copiesText(copies);
    return {
      reason: `${text[0]!.toUpperCase()}${text.slice(1)}; \`ganglion audit\` says which images`,
      command,
      minutes: null,
    };
  }
  const known = knownBudget(config);
  const tooFew = known !== null && imagesSeen <= known.tooFew;
  const rising = trend === "improving" || (trend === "unknown" && grade !== "unknown");
  const more = !isPrivate(config) && !GOOD.includes(grade) && (rising || tooFew);
  if (more) {
    const target = rounded(Math.max(2 * imagesSeen, tooFew ? known.enough : 0));
    const rate = imagesSeen / Math.max(seconds, 1e-3);
    const left = exhausted ? target : target - imagesSeen;
    const minutes = Math.max(1, Math.ceil(left / rate / 60));
    const why = tooFew
      ? `${thousands(imagesSeen)} images seen are few: the first training at ${known.resolution} px that drew something recognisable had seen ${thousands(known.enough)}`
      : trend === "improving"
        ? "the images are still improving"
        : "the images are not good yet";
    const time = `about ${thousands(minutes)} min at ${rate.toPrecision(2)} images/s`;
    if (exhausted) {
      return {
        reason: `Train anew for longer: ${why}, and the learning rates of this run have fallen to zero with its budget; ${thousands(target)} images take ${time}`,
        command: anew(config, target),
        minutes,
      };
    }
    return {
      reason: `Train on: ${why}; ${thousands(left)} more images take ${time}`,
      command: `ganglion train ${shellWord(typedPath(config.dataset.path))} --out ${shellWord(run)} --resume --images ${target}`,
      minutes,
    };
  }
  const reason = GOOD.includes(grade)
    ? "Draw a set; `ganglion evaluate` then compares it more thoroughly, `ganglion audit` looks for copies"
    : grade === "unknown"
      ? "Draw a set and look at it; `ganglion evaluate` says more"
      : "More images alone will not help much: draw a set and look at it, then train with more data, another preset or another resolution";

  return {
    reason,
    command: `ganglion generate ${shellWord(run)} --per-class 100 --out ${freeFolder("synthetic")}`,
    minutes: null,
  };
}

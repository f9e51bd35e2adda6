import type { JobCommand } from "../../../job-forms.ts";
import type { Item, Project, Step, StepName } from "../../../project-api.ts";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { useWorkspace } from "../../workspace-context.ts";
import { Released } from "./released.tsx";
import { SampleStrip } from "./sample-strip.tsx";

/** Commands of each step, the usual one first. */
const COMMANDS: Readonly<Record<StepName, readonly JobCommand[]>> = {
  data: ["import", "split"],
  model: ["train"],
  images: ["generate", "balance"],
  evidence: ["evaluate", "audit", "study"],
  release: ["release", "verify"],
};

/** The five steps as they stand, and the one next. */
export function Chain({ project }: { readonly project: Project }) {
  const { t } = useWords();
  const { steps, next } = project;
  const release = steps.find(({ name }) => name === "release");
  return (
    <section aria-label={t("chain.label")} class="chain-section">
      {release?.state === "done" && next === null && (
        <div class="notice done">
          <p role="status">{t("chain.complete", { path: `${project.folder}/${release.path}` })}</p>
          {release.id !== null && <Released id={release.id} />}
        </div>
      )}
      <ol class="chain">
        {steps.map((step) => (
          <StepCard key={step.name} step={step} project={project} next={next} />
        ))}
      </ol>
    </section>
  );
}

interface StepCardProps {
  readonly step: Step;
  readonly project: Project;
  readonly next: JobCommand | null;
}

function StepCard({ step, project, next }: StepCardProps) {
  const { t, maybe } = useWords();
  const { runs } = useWorkspace();
  const { name, state, path, facts } = step;
  const canBeSent = name === "release" && project.items.some(({ kind }) => kind === "dicom-release");
  const commands = canBeSent ? [...COMMANDS[name], "send" as const] : COMMANDS[name];
  const isNext = next !== null && commands.includes(next);
  // What has no input yet is offered by the step before it.
  const possible = isNext || state === "done" || state === "stale" || state === "stopped";
  const grade = typeof facts.grade === "string" ? maybe(`grade.${facts.grade}`) : null;
  return (
    <li class={`card step ${state}${isNext ? " next" : ""}`} aria-current={isNext ? "step" : undefined}>
      <h2>{t(`step.${name}`)}</h2>
      <p class="muted">{t(`step.${name}.text`)}</p>
      <p class={`step-state ${state}`}>{t(`state.${state}`)}</p>
      {path !== null && <p class="path">{path}</p>}
      {name === "model" && step.id !== null && runs.some(({ id }) => id === step.id) && <SampleStrip run={step.id} />}
      {grade !== null && <p>{t("fact.grade", { grade })}</p>}
      {typeof facts.verdict === "string" && <p lang="en">{facts.verdict}</p>}
      <Links step={step} items={project.items} />
      {possible && (
        <div class="step-actions">
          {isNext && (
            <a class="button primary" href={routeTo("project", next)}>
              {t("words.of", { name: t("chain.next"), text: t(`command.${next}`) })}
            </a>
          )}
          {commands
            // What is not there yet has one way to it.
            .filter((command) => command !== next && state !== "missing")
            .map((command) => (
              <a key={command} class="button" href={routeTo("project", command)}>
                {t(`command.${command}`)}
              </a>
            ))}
        </div>
      )}
    </li>
  );
}

/** Where what a step made is looked at. */
function Links({ step, items }: { readonly step: Step; readonly items: readonly Item[] }) {
  const { t } = useWords();
  const { runs, datasets, watched } = useWorkspace();
  if (step.name === "evidence" && (step.id !== null || watched.length > 0)) {
    const newest = (kind: Item["kind"]) => items.findLast((item) => item.kind === kind);
    const [report, audit] = [newest("report"), newest("audit")];
    return (
      <p class="links">
        {report !== undefined && <a href={routeTo("project", "report", { of: report.id })}>{t("chain.report")}</a>}
        {audit !== undefined && <a href={routeTo("project", "report", { of: audit.id })}>{t("chain.audit")}</a>}
        {watched.map(({ id, name }) => (
          <a key={id} href={routeTo("study", id)}>
            {t("study.open", { name })}
          </a>
        ))}
      </p>
    );
  }
  if (step.id === null || step.name === "release") return null;
  // Opened a moment after it was found.
  if (![...runs, ...datasets].some(({ id }) => id === step.id)) return null;
  const page = step.name === "model" ? "run" : "dataset";
  const isSet = items.some(({ id, kind }) => id === step.id && kind === "set");
  return (
    <p class="links">
      <a
        href={isSet ? routeTo("project", "images", { set: step.id }) : routeTo(page, step.id)}
        aria-label={t("words.of", { name: t("chain.open"), text: t(`step.${step.name}`) })}
      >
        {t("chain.open")}
      </a>
      {isSet && <a href={routeTo("dataset", step.id)}>{t("chain.dataset")}</a>}
      {step.name === "model" && runs.some(({ id, hasGenerator }) => id === step.id && hasGenerator) && (
        <a href={routeTo("draw", step.id)}>{t("chain.draw")}</a>
      )}
    </p>
  );
}

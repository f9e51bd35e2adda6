import type { JobCommand } from "../../../job-forms.ts";
import type { Item, Project, Step, StepName } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { useWorkspace } from "../../workspace-context.ts";
import { SampleStrip } from "./sample-strip.tsx";

/** Commands of each step, the usual one first. */
const COMMANDS: Readonly<Record<StepName, readonly JobCommand[]>> = {
  data: ["import", "split"],
  model: ["train"],
  images: ["generate", "balance"],
  evidence: ["evaluate", "audit"],
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
        <p class="notice done" role="status">
          {t("chain.complete", { path: `${project.folder}/${release.path}` })}
        </p>
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
  const commands = COMMANDS[name];
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
              {t("chain.next")}
              {": "}
              {t(`command.${next}`)}
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
  const { runs, datasets } = useWorkspace();
  if (step.id === null) return null;
  if (step.name === "evidence") {
    const newest = (kind: Item["kind"]) => items.findLast((item) => item.kind === kind);
    const [report, audit] = [newest("report"), newest("audit")];
    return (
      <p class="links">
        {report !== undefined && (
          <a href={api.urls.projectReport(report.id)} target="_blank" rel="noreferrer">
            {t("chain.report")}
          </a>
        )}
        {audit !== undefined && (
          <a href={api.urls.projectReport(audit.id)} target="_blank" rel="noreferrer">
            {t("chain.audit")}
          </a>
        )}
      </p>
    );
  }
  if (step.name === "release") return null;
  // Opened a moment after it was found.
  if (![...runs, ...datasets].some(({ id }) => id === step.id)) return null;
  const page = step.name === "model" ? "run" : "dataset";
  return (
    <p class="links">
      <a href={routeTo(page, step.id)}>{t("chain.open")}</a>
    </p>
  );
}

import { useState } from "preact/hooks";
import { type FieldValue, fieldsOf, type JobCommand } from "../../../job-forms.ts";
import type { Project } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { parseRoute, routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { FieldInput } from "./field-input.tsx";
import { newJobId } from "./new-job-id.ts";

export type Values = Readonly<Record<string, FieldValue>>;

interface FormPageProps {
  readonly project: Project;
  readonly command: JobCommand;
}

/** Form of one command. */
export function FormPage({ project, command }: FormPageProps) {
  const { t } = useWords();
  return (
    <>
      <p>
        <a href={routeTo("project")}>{t("form.back")}</a>
      </p>
      <div class="card">
        <h2 class="form-title">{t(`command.${command}`)}</h2>
        <p class="muted">{t(`about.${command}`)}</p>
        <CommandForm project={project} command={command} />
      </div>
    </>
  );
}

interface CommandFormProps extends FormPageProps {
  /** What is settled elsewhere, and not shown. Defaults to nothing. */
  readonly settled?: Values;
}

/** Fields of a command as `job-forms.ts` describes them; those of fewer users under "more". */
export function CommandForm({ project, command, settled = {} }: CommandFormProps) {
  const { t } = useWords();
  const [values, setValues] = useState<Values>(() => ({ ...project.filled[command], ...accepted(command) }));
  // The same until it was taken, so that a second press makes no second job.
  const [id] = useState(newJobId);
  const [error, setError] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const fields = fieldsOf(command).filter(({ name }) => !Object.hasOwn(settled, name));
  const isShown = (more: boolean) =>
    fields
      .filter((field) => (field.more ?? false) === more)
      .map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          value={values[field.name]}
          items={project.items}
          onChange={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
        />
      ));
  const hasMore = fields.some(({ more }) => more);
  const isBusy = project.jobs.some(({ state }) => state === "running" || state === "queued");

  async function start(event: Event): Promise<void> {
    event.preventDefault();
    setError(null);
    setSending(true);
    try {
      await api.startJob({ id, command, values: { ...values, ...settled } });
      location.assign(routeTo("project"));
    } catch (failure) {
      setError((failure as Error).message);
      setSending(false);
    }
  }
  return (
    <form class="command-form" onSubmit={start}>
      <div class="fields">{isShown(false)}</div>
      {hasMore && (
        <details class="more" open={Object.hasOwn(accepted(command), "accept")}>
          <summary>{t("form.more")}</summary>
          <div class="fields">{isShown(true)}</div>
        </details>
      )}
      {error !== null && <Notice tone="error">{error}</Notice>}
      {isBusy && <p class="hint">{t("form.waits")}</p>}
      <button type="submit" class="primary" disabled={sending}>
        {t("form.start")}
      </button>
    </form>
  );
}

/** What the address asks to accept in a release. */
function accepted(command: JobCommand): Values {
  const names = command === "release" ? parseRoute(location.hash).query.get("accept") : null;
  return names === null ? {} : { accept: names.split(",") };
}

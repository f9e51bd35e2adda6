import { useState } from "preact/hooks";
import type { FieldValue, JobCommand } from "../../../job-forms.ts";
import type { Project } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { newJobId } from "./new-job-id.ts";

export type Values = Readonly<Record<string, FieldValue | undefined>>;

/** What a person has filled in for a command, and what starts it. */
export interface JobForm {
  readonly values: Values;
  readonly set: (name: string, value: FieldValue | undefined) => void;
  readonly error: string | null;
  readonly sending: boolean;
  /** Handles the form's `submit`. */
  readonly start: (event: Event) => Promise<void>;
}

/**
 * @param first Takes the place of what the project proposes. Defaults to nothing.
 * @param settled What is settled elsewhere at the moment of starting. Defaults to nothing.
 */
export function useJobForm(project: Project, command: JobCommand, first: Values = {}, settled: Values = {}): JobForm {
  const [values, setValues] = useState<Values>(() => ({ ...project.filled[command], ...first }));
  // The same until it was taken, so that a second press makes no second job.
  const [id] = useState(newJobId);
  const [error, setError] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  return {
    values,
    error,
    sending,
    set: (name, value) => setValues((before) => ({ ...before, [name]: value })),
    async start(event) {
      event.preventDefault();
      setError(null);
      setSending(true);
      try {
        const all = Object.entries({ ...values, ...settled }).filter(([, value]) => value !== undefined);
        await api.startJob({ id, command, values: Object.fromEntries(all) as Record<string, FieldValue> });
        location.assign(routeTo("project"));
      } catch (failure) {
        setError((failure as Error).message);
        setSending(false);
      }
    },
  };
}

interface StartButtonProps {
  readonly form: JobForm;
  readonly project: Project;
}

/** What went wrong, whether other jobs come first, and the button that starts. */
export function StartButton({ form, project }: StartButtonProps) {
  const { t } = useWords();
  const isBusy = project.jobs.some(({ state }) => state === "running" || state === "queued");
  return (
    <>
      {form.error !== null && <Notice tone="error">{form.error}</Notice>}
      {isBusy && <p class="hint">{t("form.waits")}</p>}
      <button type="submit" class="primary" disabled={form.sending}>
        {t("form.start")}
      </button>
    </>
  );
}

import { useState } from "preact/hooks";
import type { DryRun, Project } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { useWords } from "../../texts/texts.ts";
import { Checklist, Mending } from "./refusal.tsx";
import type { JobForm, Values } from "./use-job-form.tsx";

interface ReleaseCheckProps {
  readonly project: Project;
  readonly form: JobForm;
}

/** Asks the gate before anything is written: what it finds as a list, each refusal with what mends it. */
export function ReleaseCheck({ project, form }: ReleaseCheckProps) {
  const { t } = useWords();
  const [state, setState] = useState<{
    readonly asking: boolean;
    readonly answer: DryRun | null;
    readonly failed: string | null;
  }>({ asking: false, answer: null, failed: null });
  const ask = async (values: Values) => {
    setState({ asking: true, answer: null, failed: null });
    const { out } = project.filled.release;
    const given = Object.fromEntries(Object.entries({ ...values, out }).filter(([, value]) => value !== undefined));
    try {
      const answer = await api.dryRun({ command: "release", values: given as Record<string, string> });
      setState({ asking: false, answer, failed: null });
    } catch (failure) {
      setState({ asking: false, answer: null, failed: (failure as Error).message });
    }
  };
  // What is filled in besides stays, and the gate is asked again.
  const accept = (names: readonly string[]) => {
    const all = [...new Set([form.values.accept ?? [], names].flat().map(String))];
    form.set("accept", all);
    void ask({ ...form.values, accept: all });
  };
  return (
    <div class="release-check">
      <p class="with-hint">
        <button type="button" onClick={() => ask(form.values)} disabled={state.asking}>
          {t("release.check")}
        </button>
        <span class="hint">{t("release.check.text")}</span>
      </p>
      {state.asking && (
        <p class="loading" role="status">
          {t("release.checking")}
        </p>
      )}
      {state.failed !== null && <Notice tone="error">{state.failed}</Notice>}
      {state.answer !== null && <Checked answer={state.answer} onAccept={accept} />}
    </div>
  );
}

interface CheckedProps {
  readonly answer: DryRun;
  readonly onAccept: (names: readonly string[]) => void;
}

function Checked({ answer: { result, error }, onAccept }: CheckedProps) {
  const { t, count, number } = useWords();
  if (error === null) {
    const { images, removed, leftOut } = result as { images: number; removed: string[]; leftOut: string[] };
    return (
      <div role="status">
        <ul class="checklist">
          <li class="met">
            <span>{t("release.passes", { n: number(images) })}</span>
          </li>
          <li class="met">
            <span>{count("release.copies", removed.length)}</span>
          </li>
          {leftOut.length > 0 && (
            <li class="met">
              <span>{count("release.leftOut", leftOut.length)}</span>
            </li>
          )}
        </ul>
      </div>
    );
  }
  if (error.problems.length === 0) return <Notice tone="error">{error.message}</Notice>;
  return (
    <div class="problems">
      <h3>{t("refusal.would")}</h3>
      <Checklist problems={error.problems} />
      <Mending problems={error.problems} onAccept={onAccept} />
    </div>
  );
}

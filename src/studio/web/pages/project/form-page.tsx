import type { ComponentChildren } from "preact";
import { fieldsOf, type JobCommand } from "../../../job-forms.ts";
import type { Project } from "../../../project-api.ts";
import { parseRoute, routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { FieldInput } from "./field-input.tsx";
import { type JobForm, StartButton, useJobForm, type Values } from "./use-job-form.tsx";

interface FormPageProps {
  readonly command: JobCommand;
  readonly children: ComponentChildren;
}

/** Page of one command: what it does, and its form. */
export function FormPage({ command, children }: FormPageProps) {
  const { t } = useWords();
  return (
    <>
      <p>
        <a href={routeTo("project")}>{t("form.back")}</a>
      </p>
      <div class="card">
        <h2 class="form-title">{t(`command.${command}`)}</h2>
        <p class="muted">{t(`about.${command}`)}</p>
        {children}
      </div>
    </>
  );
}

interface CommandFormProps {
  readonly project: Project;
  readonly command: JobCommand;
  /** What is settled elsewhere, and not shown. Defaults to nothing. */
  readonly settled?: Values;
  /** Stands above the button, with the form as it is filled in. Defaults to nothing. */
  readonly besides?: (form: JobForm) => ComponentChildren;
}

/** Fields of a command as `job-forms.ts` describes them; those of fewer users under "more". */
export function CommandForm({ project, command, settled = {}, besides }: CommandFormProps) {
  const { t } = useWords();
  const form = useJobForm(project, command, accepted(command), settled);
  const fields = fieldsOf(command).filter(({ name }) => !Object.hasOwn(settled, name));
  const isShown = (more: boolean) =>
    fields
      .filter((field) => (field.more ?? false) === more)
      .map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          value={form.values[field.name]}
          project={project}
          onChange={(value) => form.set(field.name, value)}
        />
      ));
  return (
    <form class="command-form" onSubmit={form.start}>
      <div class="fields">{isShown(false)}</div>
      {fields.some(({ more }) => more) && (
        <details class="more" open={Array.isArray(form.values.accept)}>
          <summary>{t("form.more")}</summary>
          <div class="fields">{isShown(true)}</div>
        </details>
      )}
      {besides?.(form)}
      <StartButton form={form} project={project} />
    </form>
  );
}

/** What the address asks to accept in a release. */
function accepted(command: JobCommand): Values {
  const names = command === "release" ? parseRoute(location.hash).query.get("accept") : null;
  return names === null ? {} : { accept: names.split(",") };
}

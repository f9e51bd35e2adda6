import type { Field, FieldValue } from "../../../job-forms.ts";
import type { Project } from "../../../project-api.ts";
import { useWords } from "../../texts/texts.ts";

interface FieldInputProps {
  readonly field: Field;
  /** Undefined where it is left to the command. */
  readonly value: FieldValue | undefined;
  readonly project: Pick<Project, "items" | "families">;
  readonly onChange: (value: FieldValue) => void;
}

/** One field of a form. */
export function FieldInput({ field, value, project, onChange }: FieldInputProps) {
  const { t, maybe } = useWords();
  const name = t(`field.${field.name}` as "field.out");
  const hint = maybe(`hint.${field.name}`);
  const hintId = `hint-${field.name}`;
  const described = hint === null ? {} : { "aria-describedby": hintId };
  // Images are left out where they are seen.
  if (field.kind === "leaveOut") return null;
  if (field.kind === "switch") {
    return (
      <label class="toggle">
        <input type="checkbox" checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />
        {name}
      </label>
    );
  }
  if (field.kind === "several") {
    const chosen = Array.isArray(value) ? (value as readonly string[]) : [];
    return (
      <fieldset class="several">
        <legend class="field-name">{name}</legend>
        {field.options.map((option) => (
          <label key={option} class="toggle">
            <input
              type="checkbox"
              checked={chosen.includes(option)}
              onChange={(event) =>
                onChange(event.currentTarget.checked ? [...chosen, option] : chosen.filter((other) => other !== option))
              }
            />
            {maybe(`${field.name}.${option}`) ?? option}
          </label>
        ))}
      </fieldset>
    );
  }
  return (
    <div class="field">
      <label class="field-name" for={`field-${field.name}`}>
        {name}
      </label>
      <Entry field={field} value={value} project={project} onChange={onChange} described={described} />
      {hint !== null && (
        <span id={hintId} class="hint">
          {hint}
        </span>
      )}
    </div>
  );
}

/** What a list offers. */
function optionsOf(
  field: Field & { readonly kind: "choice" | "family" | "input" },
  { items, families }: FieldInputProps["project"],
): readonly string[] {
  if (field.kind === "choice") return field.options;
  if (field.kind === "family") return families;
  return items.filter(({ kind }) => kind === field.of).map(({ path }) => path);
}

interface EntryProps extends FieldInputProps {
  readonly described: { readonly "aria-describedby"?: string };
}

function Entry({ field, value, project, onChange, described }: EntryProps) {
  const { t } = useWords();
  const shared = { id: `field-${field.name}`, required: field.required ?? false, ...described };
  const text = value === undefined ? "" : String(value);
  if (field.kind === "choice" || field.kind === "family" || field.kind === "input") {
    const options = optionsOf(field, project);
    if (field.kind === "input" && options.length === 0) {
      return <p class="hint">{t(field.required === true ? "form.missing" : "form.nothing")}</p>;
    }
    const isOpen = field.required !== true || text === "";
    return (
      <select {...shared} value={text} onChange={(event) => onChange(event.currentTarget.value)}>
        {isOpen && <option value="">{t(field.required === true ? "form.choose" : "form.usual")}</option>}
        {[...options].map((option) => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    );
  }
  if (field.kind === "whole" || field.kind === "decimal") {
    return (
      <input
        {...shared}
        type="number"
        min={field.least}
        max={field.most}
        step={field.kind === "whole" ? 1 : "any"}
        placeholder={field.required === true ? undefined : t("form.usual")}
        value={text}
        onInput={({ currentTarget: { value: entered } }) => onChange(entered === "" ? "" : Number(entered))}
      />
    );
  }
  return (
    <input
      {...shared}
      type="text"
      maxLength={200}
      autoComplete="off"
      spellcheck={false}
      value={text}
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  );
}

import type { FoundColumn, Preview, ReadAs } from "../../../project-api.ts";
import { useWords } from "../../texts/texts.ts";

interface FoundColumnsProps {
  readonly preview: Preview;
  readonly read: ReadAs;
  readonly onRead: (next: ReadAs) => void;
}

/** Which column or folders are the class, patient, split, mask and tone, why, and another choice. */
export function FoundColumns({ preview, read, onRead }: FoundColumnsProps) {
  const { t } = useWords();
  return (
    <section class="card" aria-labelledby="columns-title">
      <h2 id="columns-title">{t("columns.title")}</h2>
      <ul class="found-columns">
        {preview.columns.map((column) => (
          <li key={column.role}>
            <h3>{t(`columns.${column.role}`)}</h3>
            <p>
              <b>{column.column ?? t("columns.nothing")}</b>
              <Why column={column} images={preview.images} />
            </p>
            {column.role !== "tone" && (
              <Chooser role={column.role} column={column} header={preview.header} read={read} onRead={onRead} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Why({ column, images }: { readonly column: FoundColumn; readonly images: number }) {
  const { t } = useWords();
  const { why, said, filled, values, examples, role } = column;
  return (
    <span class="why">
      {t(`why.${why}`)}
      {why === "derived" && <span lang="en"> {said}</span>}
      {column.column !== null && <> {t("columns.values", { values, filled, images })}</>}
      {examples.length > 0 && (
        <>
          {" "}
          {t("columns.examples")} <span lang="und">{examples.join(", ")}</span>
        </>
      )}
      {why === "none" && role === "patient" && ` ${t("columns.no.patient")}`}
    </span>
  );
}

interface ChooserProps extends Omit<FoundColumnsProps, "preview"> {
  readonly role: "label" | "patient" | "split" | "mask";
  readonly column: FoundColumn;
  readonly header: readonly string[];
}

function Chooser({ role, column, header, read, onRead }: ChooserProps) {
  const { t } = useWords();
  const name = t("columns.change", { role: t(`columns.${role}`) });
  // A level of folders has a name of its own that is in no table.
  const others = header.filter((other) => other !== column.column);
  if (others.length === 0 && read[role] === undefined) return null;
  return (
    <label class="field">
      <span class="visually-hidden">{name}</span>
      <select
        aria-label={name}
        value={read[role] ?? ""}
        onChange={({ currentTarget: { value } }) => onRead({ [role]: value === "" ? undefined : value })}
      >
        <option value="">{t("columns.found")}</option>
        {[...new Set([...others, ...(read[role] === undefined ? [] : [read[role]])])].map((other) => (
          <option key={other} value={other}>
            {other}
          </option>
        ))}
      </select>
    </label>
  );
}

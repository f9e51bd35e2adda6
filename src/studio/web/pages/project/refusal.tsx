import type { JobRecord } from "../../../project-api.ts";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { acceptsOf } from "./accepts.ts";

type Problems = NonNullable<JobRecord["error"]>["problems"];

/** Reasons as a list to work off, each with what would mend it, as the command says it. */
export function Checklist({ problems }: { readonly problems: Problems }) {
  return (
    <ul class="checklist" lang="en">
      {problems.map(({ code, path, message }) => (
        <li key={`${code} ${path} ${message}`} class="open">
          <span>
            <b>{path}</b> {message}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface MendingProps {
  readonly problems: Problems;
  /** Takes what is to be accepted into the form that is open. Defaults to opening the form with it. */
  readonly onAccept?: (names: readonly string[]) => void;
}

/** What a person may do about a refusal. */
export function Mending({ problems, onAccept }: MendingProps) {
  const { t, maybe } = useWords();
  const accepts = acceptsOf(problems);
  if (accepts === null) {
    // The form that would be changed is the one that is open.
    return onAccept === undefined ? <a href={routeTo("project", "release")}>{t("refusal.again")}</a> : null;
  }
  const said = (key: "refusal.accept" | "refusal.accept.here") =>
    t("words.of", { name: t(key), text: accepts.map((name) => maybe(`accept.${name}`) ?? name).join(t("words.next")) });
  return (
    <>
      <p>{t("refusal.accept.text")}</p>
      <p>
        {onAccept === undefined ? (
          <a class="button" href={routeTo("project", "release", { accept: accepts.join(",") })}>
            {said("refusal.accept")}
          </a>
        ) : (
          <button type="button" onClick={() => onAccept(accepts)}>
            {said("refusal.accept.here")}
          </button>
        )}
      </p>
    </>
  );
}

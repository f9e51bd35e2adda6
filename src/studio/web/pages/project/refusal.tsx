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

/** What a person may do about a refusal. */
export function Mending({ problems }: { readonly problems: Problems }) {
  const { t, maybe } = useWords();
  const accepts = acceptsOf(problems);
  if (accepts === null) return <a href={routeTo("project", "release")}>{t("refusal.again")}</a>;
  return (
    <>
      <p>{t("refusal.accept.text")}</p>
      <p>
        <a class="button" href={routeTo("project", "release", { accept: accepts.join(",") })}>
          {t("refusal.accept")}
          {": "}
          {accepts.map((name) => maybe(`accept.${name}`) ?? name).join("; ")}
        </a>
      </p>
    </>
  );
}

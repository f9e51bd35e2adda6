import type { JobCommand } from "../../job-forms.ts";
import { type PageName, routeTo } from "../routing.ts";
import type { TextKey } from "../texts/en.ts";
import { useWords } from "../texts/texts.ts";
import { useLookAgain, useWorkspace } from "../workspace-context.ts";
import { Notice } from "./notice.tsx";

interface NothingYetProps {
  readonly page: PageName;
  /** What is said in a project, which can make it. */
  readonly inProject: TextKey;
  /** What makes it. */
  readonly command: JobCommand;
  /** What is said where a single folder was opened. */
  readonly opened: TextKey;
}

/** A page that has nothing to show: its title, and the way to something. It shows what comes. */
export function NothingYet({ page, inProject, command, opened }: NothingYetProps) {
  const { t } = useWords();
  const { project } = useWorkspace();
  useLookAgain();
  return (
    <>
      <div class="page-head">
        <h1>{t(`nav.${page}`)}</h1>
      </div>
      {project ? (
        <Notice>
          {t(inProject)} <a href={routeTo("project", command)}>{t(`command.${command}`)}</a>
        </Notice>
      ) : (
        <Notice>{t(opened)}</Notice>
      )}
    </>
  );
}

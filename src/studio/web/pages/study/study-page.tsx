import { Choice } from "../../components/choice.tsx";
import { NothingYet } from "../../components/nothing-yet.tsx";
import { Notice } from "../../components/notice.tsx";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { useWorkspace } from "../../workspace-context.ts";
import { ArmMatrix } from "./arm-matrix.tsx";
import { Estimates } from "./estimates.tsx";
import { StudyFacts } from "./study-facts.tsx";
import { useWatch } from "./use-watch.ts";
import { Failures, RunningJobs, Workers } from "./work.tsx";

interface StudyViewProps {
  readonly id: string;
  readonly name: string;
  readonly testSet: string | null;
}

function StudyView({ id, name, testSet }: StudyViewProps) {
  const { t } = useWords();
  const { watched, broken } = useWatch(id);
  if (watched === null) {
    return broken ? <Notice tone="error">{t("page.lost")}</Notice> : <p class="loading">{t("study.loading")}</p>;
  }
  const { progress } = watched;
  return (
    <>
      {broken && <Notice tone="error">{t("run.lost")}</Notice>}
      <StudyFacts id={id} name={name} watched={watched} />
      <Failures progress={progress} />
      <ArmMatrix progress={progress} />
      <Estimates
        progress={progress}
        testSet={testSet}
        onChoose={(chosen) => location.assign(routeTo("study", id, { set: chosen }))}
      />
      <RunningJobs progress={progress} />
      <Workers progress={progress} />
    </>
  );
}

/** A study of whether synthetic images help, watched while it goes on. */
export function StudyPage({ id, query }: { readonly id: string | null; readonly query: URLSearchParams }) {
  const { t } = useWords();
  const { watched } = useWorkspace();
  const study = watched.find((known) => known.id === id) ?? watched[0];
  if (study === undefined) {
    return <NothingYet page="study" inProject="study.none.project" command="study" opened="study.none.opened" />;
  }
  return (
    <>
      <div class="page-head">
        <h1>{t("nav.study")}</h1>
        {watched.length > 1 ? (
          <Choice
            label={t("nav.study")}
            value={study.id}
            options={watched.map(({ id: value, name }) => ({ value, text: name }))}
            onChoose={(value) => location.assign(routeTo("study", value))}
          />
        ) : (
          <span class="subject">{study.name}</span>
        )}
      </div>
      <StudyView key={study.id} id={study.id} name={study.name} testSet={query.get("set")} />
    </>
  );
}

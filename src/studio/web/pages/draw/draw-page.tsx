import { useState } from "preact/hooks";
import type { RunSummary } from "../../../api.ts";
import { Choice } from "../../components/choice.tsx";
import { NothingYet } from "../../components/nothing-yet.tsx";
import { Notice } from "../../components/notice.tsx";
import { routeTo } from "../../routing.ts";
import { useWords } from "../../texts/texts.ts";
import { useWorkspace } from "../../workspace-context.ts";
import { ClassDesk } from "./class-desk.tsx";
import { MapDesk } from "./map-desk.tsx";
import { useGenerator } from "./use-generator.ts";

/** The desk of one run with its generator. */
function Desk({ run }: { readonly run: RunSummary }) {
  const { t } = useWords();
  const [processorOnly, setProcessorOnly] = useState(false);
  const { generator, error } = useGenerator(run.id, run.generatorHash, processorOnly);
  const device = { engine: generator?.engine ?? null, processorOnly, onProcessorOnly: setProcessorOnly };
  return (
    <>
      {error !== null && <Notice tone="error">{t("draw.failed", { error })}</Notice>}
      {run.input === "maps" ? (
        <MapDesk run={run} generator={generator} device={device} />
      ) : (
        <ClassDesk run={run} generator={generator} device={device} />
      )}
    </>
  );
}

/** Draws pictures with the generator of a run. */
export function DrawPage({ id }: { readonly id: string | null }) {
  const { t } = useWords();
  const { runs } = useWorkspace();
  const able = runs.filter((run) => run.hasGenerator);
  const run = able.find((known) => known.id === id) ?? able.find((known) => known.input === "maps") ?? able[0];
  if (run === undefined) {
    return <NothingYet page="draw" inProject="draw.none" command="train" opened="draw.none" />;
  }
  return (
    <>
      <div class="page-head">
        <h1>{t("nav.draw")}</h1>
        {able.length > 1 && (
          <Choice
            label={t("draw.run")}
            value={run.id}
            options={able.map(({ id: value, name }) => ({ value, text: name }))}
            onChoose={(value) => location.assign(routeTo("draw", value))}
          />
        )}
        {able.length === 1 && <span class="subject">{run.name}</span>}
        <span class="synthetic-mark">{t("draw.synthetic")}</span>
      </div>
      <Desk key={run.id} run={run} />
    </>
  );
}

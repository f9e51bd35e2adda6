import { useState } from "preact/hooks";
import type { RunSummary } from "../../../api.ts";
import { Choice } from "../../components/choice.tsx";
import { Notice } from "../../components/notice.tsx";
import { routeTo } from "../../routing.ts";
import { useWorkspace } from "../../workspace-context.ts";
import { ClassDesk } from "./class-desk.tsx";
import { MapDesk } from "./map-desk.tsx";
import { useGenerator } from "./use-generator.ts";

/** The desk of one run with its generator. */
function Desk({ run }: { readonly run: RunSummary }) {
  const [processorOnly, setProcessorOnly] = useState(false);
  const { generator, error } = useGenerator(run.id, run.generatorHash, processorOnly);
  const device = { engine: generator?.engine ?? null, processorOnly, onProcessorOnly: setProcessorOnly };
  return (
    <>
      {error !== null && <Notice tone="error">The image cannot be computed: {error}</Notice>}
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
  const { runs } = useWorkspace();
  const able = runs.filter((run) => run.hasGenerator);
  const run = able.find((known) => known.id === id) ?? able.find((known) => known.input === "maps") ?? able[0];
  if (run === undefined) {
    return (
      <Notice>
        There is no generator to draw with yet. A run has one after its first checkpoint; the page Training shows how
        far it is.
      </Notice>
    );
  }
  return (
    <>
      <div class="page-head">
        <h1>Draw</h1>
        {able.length > 1 && (
          <Choice
            label="Run"
            value={run.id}
            options={able.map(({ id: value, name }) => ({ value, text: name }))}
            onChoose={(value) => location.assign(routeTo("draw", value))}
          />
        )}
        {able.length === 1 && <span class="subject">{run.name}</span>}
        <span class="synthetic-mark">Every image here is synthetic</span>
      </div>
      <Desk key={run.id} run={run} />
    </>
  );
}

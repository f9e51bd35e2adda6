import { useMemo, useState } from "preact/hooks";
import type { RunSummary } from "../../../api.ts";
import { Toggle } from "../../components/choice.tsx";
import { Notice } from "../../components/notice.tsx";
import { PictureCanvas } from "../../components/picture-canvas.tsx";
import type { PictureRequest } from "../../generator/messages.ts";
import type { PageGenerator } from "../../generator/open-generator.ts";
import { useWords } from "../../texts/texts.ts";
import { ConditionChoice } from "./condition-choice.tsx";
import { EngineLine } from "./engine-line.tsx";
import { PictureActions } from "./picture-actions.tsx";
import { SeedField } from "./seed-field.tsx";
import { SeedStrip } from "./seed-strip.tsx";
import type { DeskDevice } from "./use-generator.ts";
import { usePicture } from "./use-picture.ts";

interface ClassDeskProps {
  readonly run: RunSummary;
  readonly generator: PageGenerator | null;
  readonly device: DeskDevice;
}

/** The desk of a generator without a map: condition and seed. */
export function ClassDesk({ run, generator, device }: ClassDeskProps) {
  const { t } = useWords();
  const { resolution, classes, latent } = run;
  const [state, setState] = useState({ condition: 0, seed: 1, time: 0 });
  const [smooth, setSmooth] = useState(true);
  const { condition, seed, time } = state;
  const request = useMemo<PictureRequest>(
    () => ({ resolution, region: null, condition, conditions: classes.length, tone: 1, seed, latent }),
    [resolution, condition, classes.length, seed, latent],
  );
  const { shown, latency, error } = usePicture(generator, request, time);
  const change = (part: { condition?: number; seed?: number }) =>
    setState((before) => ({ ...before, ...part, time: performance.now() }));
  const current = shown !== null && shown.request === request ? shown : null;
  return (
    <div class="desk">
      <div class="desk-main">
        <div class="stage">
          <PictureCanvas
            picture={shown?.picture ?? null}
            label={t("draw.image", { label: classes[condition] ?? "", seed: String(seed) })}
            smooth={smooth}
          />
        </div>
        <div class="under-stage">
          <EngineLine device={device} latency={latency} />
          <Toggle label={t("draw.smooth")} on={smooth} onChange={setSmooth} />
        </div>
        {error !== null && <Notice tone="error">{error}</Notice>}
        <SeedStrip
          generator={generator}
          request={request}
          moving={false}
          smooth={smooth}
          onChoose={(chosen) => change({ seed: chosen })}
        />
      </div>
      <aside class="panel" aria-label={t("draw.controls")}>
        <ConditionChoice classes={classes} value={condition} onChoose={(chosen) => change({ condition: chosen })} />
        <SeedField value={seed} onChange={(chosen) => change({ seed: chosen })} />
        <PictureActions run={run} shown={current} region={null} engine={device.engine} />
        <p class="hint">
          {t("draw.no.map")} <code>--model dermgan</code>
        </p>
      </aside>
    </div>
  );
}

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { TONE_NAMES } from "../../../../data/maps/semantic-map.ts";
import type { RunSummary } from "../../../api.ts";
import { Toggle } from "../../components/choice.tsx";
import { Icon } from "../../components/icon.tsx";
import { Notice } from "../../components/notice.tsx";
import type { Point, Tool } from "../../drawing/drag.ts";
import { type Drawing, newDrawing, withoutPaint, withoutShape } from "../../drawing/drawing.ts";
import { isEmpty } from "../../drawing/paint.ts";
import { regionOf } from "../../drawing/region.ts";
import type { Picture, PictureRequest } from "../../generator/messages.ts";
import type { PageGenerator } from "../../generator/open-generator.ts";
import { useWords } from "../../texts/texts.ts";
import { ConditionChoice } from "./condition-choice.tsx";
import { EngineLine } from "./engine-line.tsx";
import { MapView } from "./map-view.tsx";
import { PictureActions } from "./picture-actions.tsx";
import { SeedField } from "./seed-field.tsx";
import { SeedStrip } from "./seed-strip.tsx";
import { Stage } from "./stage.tsx";
import { ToneChoice } from "./tone-choice.tsx";
import { ToolBar } from "./tool-bar.tsx";
import { useDrawing } from "./use-drawing.ts";
import type { DeskDevice } from "./use-generator.ts";
import { useKeys } from "./use-keys.ts";
import { usePicture } from "./use-picture.ts";

interface MapDeskProps {
  readonly run: RunSummary;
  readonly generator: PageGenerator | null;
  readonly device: DeskDevice;
}

/** The desk of a map-to-image generator: lesion, condition, tone and seed beside the picture that follows them. */
export function MapDesk({ run, generator, device }: MapDeskProps) {
  const { resolution, classes, latent, mapKind = "box" } = run;
  const { t } = useWords();
  const desk = useDrawing(() => newDrawing(resolution));
  const { drawing, change } = desk;
  const [tool, setTool] = useState<Tool>("select");
  const [brush, setBrush] = useState(0.05);
  const [brushAt, setBrushAt] = useState<Point | null>(null);
  const [selected, setSelected] = useState<number | null>(1);
  const [smooth, setSmooth] = useState(true);
  const [outlines, setOutlines] = useState(true);
  const [pinned, setPinned] = useState<Picture | null>(null);
  const [comparing, setComparing] = useState(false);

  const { shapes, paint, condition, tone, seed } = drawing;
  const region = useMemo(() => regionOf(mapKind, resolution, shapes, paint), [mapKind, resolution, shapes, paint]);
  const request = useMemo<PictureRequest>(
    () => ({ resolution, region: region.pixels, condition, conditions: classes.length, tone, seed, latent }),
    [resolution, region, condition, classes.length, tone, seed, latent],
  );
  const { shown, latency, error } = usePicture(generator, request, desk.inputTime);

  // Pictures of the drawings that were shown; forgotten with these.
  const pictures = useRef(new WeakMap<Drawing, Picture>()).current;
  useEffect(() => {
    if (shown !== null && shown.request === request) pictures.set(drawing, shown.picture);
  }, [shown, request, drawing, pictures]);
  const before = pinned ?? (desk.before === null ? null : (pictures.get(desk.before) ?? null));
  const compares = comparing && before !== null;

  useKeys({
    desk,
    size: resolution,
    tool,
    brush,
    brushAt,
    selected,
    onTool: setTool,
    onSelect: setSelected,
    onBrushAt: setBrushAt,
    onCompare: setComparing,
  });

  const label = t("draw.image.tone", {
    label: classes[condition] ?? "",
    tone: TONE_NAMES[tone - 1]!,
    seed: String(seed),
  });
  const held = selected !== null && shapes.some(({ id }) => id === selected);
  const canRemove = held || !isEmpty(paint);
  const remove = () => {
    change((present) => (held ? withoutShape(present, selected) : withoutPaint(present)));
    setSelected(null);
  };
  const current = shown !== null && shown.request === request ? shown : null;
  return (
    <div class="desk">
      <div class="desk-main">
        <ToolBar
          tool={tool}
          onTool={setTool}
          brush={brush}
          onBrush={setBrush}
          canUndo={desk.canUndo}
          canRedo={desk.canRedo}
          canRemove={canRemove}
          onUndo={desk.undo}
          onRedo={desk.redo}
          onRemove={remove}
        />
        <Stage
          desk={desk}
          size={resolution}
          picture={compares ? before : (shown?.picture ?? null)}
          label={compares ? t("draw.previous") : label}
          smooth={smooth}
          outlines={outlines && !compares}
          boxes={mapKind === "box" ? region.boxes : []}
          tool={tool}
          brush={brush}
          brushAt={brushAt}
          selected={compares ? null : selected}
          onSelect={setSelected}
          onTool={setTool}
        />
        <div class="under-stage">
          <EngineLine device={device} latency={latency} />
          <Toggle label={t("draw.outlines")} on={outlines} onChange={setOutlines} />
          <Toggle label={t("draw.smooth")} on={smooth} onChange={setSmooth} />
        </div>
        {error !== null && <Notice tone="error">{error}</Notice>}
        {latent > 0 ? (
          <SeedStrip
            generator={generator}
            request={request}
            moving={desk.moving}
            smooth={smooth}
            onChoose={(chosen) => change((present) => ({ ...present, seed: chosen }))}
          />
        ) : (
          <p class="hint no-strip">{t("draw.no.latent")}</p>
        )}
      </div>
      <aside class="panel" aria-label={t("draw.controls")}>
        <ConditionChoice
          classes={classes}
          value={condition}
          onChoose={(chosen) => change((present) => ({ ...present, condition: chosen }))}
        />
        <ToneChoice
          value={tone}
          estimated={run.tonesEstimated ?? false}
          onChoose={(chosen) => change((present) => ({ ...present, tone: chosen }))}
        />
        {latent > 0 && (
          <SeedField value={seed} onChange={(chosen) => change((present) => ({ ...present, seed: chosen }))} />
        )}
        <div class="field">
          <span class="field-name">{t("draw.compare")}</span>
          <div class="compare">
            <button
              type="button"
              disabled={before === null}
              aria-pressed={compares}
              title={t("draw.hold.text")}
              onPointerDown={() => setComparing(true)}
              onPointerUp={() => setComparing(false)}
              onPointerLeave={() => setComparing(false)}
              onKeyDown={(event) => event.key === "Enter" && setComparing(true)}
              onKeyUp={(event) => event.key === "Enter" && setComparing(false)}
            >
              <Icon name="compare" />
              <span>{t(pinned === null ? "draw.hold" : "draw.hold.pinned")}</span>
            </button>
            <button
              type="button"
              aria-pressed={pinned !== null}
              disabled={shown === null && pinned === null}
              title={t("draw.pin.text")}
              onClick={() => setPinned(pinned === null ? (shown?.picture ?? null) : null)}
            >
              <Icon name="pin" />
              <span>{t(pinned === null ? "draw.pin" : "draw.unpin")}</span>
            </button>
          </div>
        </div>
        <MapView request={request} />
        <PictureActions run={run} shown={current} region={region} engine={device.engine} />
        {mapKind === "box" && <p class="hint">{t("draw.boxes")}</p>}
        <details class="keys">
          <summary>{t("keys.title")}</summary>
          <dl>
            <dt>{t("keys.arrows")}</dt>
            <dd>{t("keys.move")}</dd>
            <dt>+ −</dt>
            <dd>{t("keys.resize")}</dd>
            <dt>[ ]</dt>
            <dd>{t("keys.turn")}</dd>
            <dt>{t("keys.delete")}</dt>
            <dd>{t("keys.remove")}</dd>
            <dt>V E R P X</dt>
            <dd>{t("keys.tools")}</dd>
            <dt>B</dt>
            <dd>{t("keys.hold")}</dd>
            <dt>{t("keys.ctrl")}</dt>
            <dd>{t("keys.undo")}</dd>
          </dl>
        </details>
      </aside>
    </div>
  );
}

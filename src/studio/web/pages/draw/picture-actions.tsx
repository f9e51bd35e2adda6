import { useState } from "preact/hooks";
import type { RunSummary } from "../../../api.ts";
import { api } from "../../api-client.ts";
import { Icon } from "../../components/icon.tsx";
import { Notice } from "../../components/notice.tsx";
import type { Region } from "../../drawing/region.ts";
import type { Engine } from "../../generator/messages.ts";
import { useWords } from "../../texts/texts.ts";
import { downloadPicture, drawingToKeep, provenanceOf } from "./keep-picture.ts";
import type { ShownPicture } from "./use-picture.ts";

interface PictureActionsProps {
  readonly run: RunSummary;
  readonly shown: ShownPicture | null;
  /** What the shown picture was drawn of; null for models without a map. */
  readonly region: Region | null;
  readonly engine: Engine | null;
}

/** Keeps the picture: as a file, or its drawing in the run's set. */
export function PictureActions({ run, shown, region, engine }: PictureActionsProps) {
  const { t } = useWords();
  const [said, setSaid] = useState<{ readonly tone: "done" | "error"; readonly text: string } | null>(null);
  const ready = shown !== null && engine !== null;
  const empty = region !== null && region.boxes.length === 0;
  async function attempt(work: () => Promise<string | null>): Promise<void> {
    try {
      const text = await work();
      setSaid(text === null ? null : { tone: "done", text });
    } catch (error) {
      setSaid({ tone: "error", text: (error as Error).message });
    }
  }
  const download = () =>
    attempt(async () => {
      await downloadPicture(shown!, await provenanceOf(run, shown!, region, engine!));
      return null;
    });
  const add = () =>
    attempt(async () => {
      const { count, maps } = await api.addToSet(run.id, await drawingToKeep(run, shown!, region!));
      return t("draw.added", { n: count, command: `ganglion generate RUN --maps ${maps}` });
    });
  return (
    <div class="actions">
      <button type="button" class="primary" disabled={!ready} onClick={download}>
        <Icon name="download" />
        <span>{t("draw.save")}</span>
      </button>
      {region !== null && (
        <button type="button" disabled={!ready || empty} onClick={add} title={empty ? t("draw.empty") : undefined}>
          <Icon name="add" />
          <span>{t("draw.add")}</span>
        </button>
      )}
      {said !== null && <Notice tone={said.tone}>{said.text}</Notice>}
    </div>
  );
}

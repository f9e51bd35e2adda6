import { useState } from "preact/hooks";
import { TONE_NAMES } from "../../../../data/maps/semantic-map.ts";
import type { DatasetImage, DatasetSummary } from "../../../api.ts";
import { api } from "../../api-client.ts";
import { Toggle } from "../../components/choice.tsx";
import { Facts } from "../../components/facts.tsx";
import { PagedDialog } from "../../components/paged-dialog.tsx";
import { useWords } from "../../texts/texts.ts";

interface ImageDetailProps {
  readonly dataset: DatasetSummary;
  readonly image: DatasetImage;
  readonly previous: DatasetImage | null;
  readonly next: DatasetImage | null;
  /** Opens another image, or closes with null. */
  readonly onOpen: (image: DatasetImage | null) => void;
}

const DETAIL_PIXELS = 768;

/** One image, large, with its lesion and all that is known of it. Arrow keys go to its neighbours. */
export function ImageDetail({ dataset, image, previous, next, onOpen }: ImageDetailProps) {
  const { t } = useWords();
  const [marked, setMarked] = useState(true);
  const facts: [string, string][] = [
    [t("data.fact.class"), image.label],
    ...(image.split === null ? [] : [[t("data.fact.split"), image.split] as [string, string]]),
    ...(image.tone === null ? [] : [[t("data.fact.tone"), TONE_NAMES[image.tone - 1]] as [string, string]]),
    ...Object.entries(image.attributes).filter(([, value]) => value !== ""),
  ];
  const mask = `url("${api.urls.mask(dataset.id, image.index)}")`;
  const markable = image.hasMask || image.boxes.length > 0;
  return (
    <PagedDialog
      title={t("data.image", { n: String(image.index) })}
      head={markable && <Toggle label={t("draw.lesion")} on={marked} onChange={setMarked} />}
      previous={previous}
      next={next}
      words={{ previous: t("data.previous"), next: t("data.next") }}
      onOpen={onOpen}
    >
      <div class="detail-body">
        <div class="detail-picture">
          <img
            alt={t("data.alt", { label: image.label, n: String(image.index) })}
            src={api.urls.image(dataset.id, image.index, DETAIL_PIXELS)}
          />
          {marked && image.hasMask && <div class="mask" style={{ maskImage: mask }} />}
          {marked && (
            <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
              {image.boxes.map(({ xMin, yMin, xMax, yMax }) => (
                <rect key={`${xMin} ${yMin}`} x={xMin} y={yMin} width={xMax - xMin} height={yMax - yMin} />
              ))}
            </svg>
          )}
        </div>
        <Facts facts={facts} list="facts" />
      </div>
    </PagedDialog>
  );
}

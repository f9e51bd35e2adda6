import { useState } from "preact/hooks";
import { type FieldValue, fieldsOf } from "../../../job-forms.ts";
import type { Project } from "../../../project-api.ts";
import { api } from "../../api-client.ts";
import { Notice } from "../../components/notice.tsx";
import { useWords } from "../../texts/texts.ts";
import { useWorkspace } from "../../workspace-context.ts";
import { type Card, ChoiceCards } from "./choice-cards.tsx";
import { atMinutes, type Expected, estimateOf, qualityWord, type TrainEstimate } from "./estimate.ts";
import { FieldInput } from "./field-input.tsx";
import { FormPage } from "./form-page.tsx";
import { RunPicture } from "./sample-strip.tsx";
import { type Forecast, useDryRuns } from "./use-dry-run.ts";
import { StartButton, useJobForm } from "./use-job-form.tsx";

/** Resolutions that have a card; others stand under "more". */
const RESOLUTIONS = ["32", "64", "128", "256"];
/** Lengths that have a card, in minutes: those that the forecast says. */
const LENGTHS = [10, 60, 240, 600];
/** What the cards settle. */
const IN_CARDS: ReadonlySet<string> = new Set(["resolution", "minutes", "from"]);

/** The form of a training: size, time and start by cards with a forecast, the rest as fields. */
export function TrainPage({ project }: { readonly project: Project }) {
  const { t } = useWords();
  const form = useJobForm(project, "train");
  const { values, set } = form;
  const minutes = typeof values.minutes === "number" ? values.minutes : null;
  const byImages = typeof values.images === "number";
  // The folder's name changes nothing of what is forecast.
  const asked = askedOf(
    { ...values, out: project.filled.train.out },
    minutes !== null && LENGTHS.includes(minutes) && !byImages,
  );
  const isReady = values.dataset !== undefined && values.dataset !== "";
  const chosen = String(values.resolution ?? "");
  const others = RESOLUTIONS.filter((size) => size !== chosen);
  const forms = [asked, ...others.map((resolution) => ({ ...asked, resolution }))];
  const [own, ...rest] = useDryRuns(
    "train",
    forms.map((each) => (isReady ? each : null)),
  );
  const forecastOf = (size: string): Forecast => (size === chosen ? own! : (rest[others.indexOf(size)] ?? own!));
  const fields = fieldsOf("train").filter(({ name }) => !IN_CARDS.has(name));
  return (
    <FormPage command="train">
      <form class="command-form" onSubmit={form.start}>
        <div class="fields">
          {fields
            .filter(({ more }) => !more)
            .map((field) => (
              <FieldInput
                key={field.name}
                field={field}
                value={values[field.name]}
                project={project}
                onChange={(value) => set(field.name, value)}
              />
            ))}
        </div>
        <ChoiceCards
          name="resolution"
          legend={t("field.resolution")}
          value={chosen}
          onChoose={(value) => set("resolution", value)}
          cards={RESOLUTIONS.map((size) => ({
            value: size,
            title: t("train.pixels", { size }),
            picture: <RealPicture project={project} dataset={values.dataset} size={Number(size)} />,
            children: <SizeForecast forecast={forecastOf(size)} minutes={byImages ? null : minutes} />,
          }))}
        />
        <Lengths own={own!} minutes={minutes} byImages={byImages} onChoose={(value) => set("minutes", value)} />
        <Starts project={project} value={String(values.from ?? "")} onChoose={(value) => set("from", value)} />
        <Summary forecast={own!} isReady={isReady} minutes={byImages ? null : minutes} />
        <details class="more">
          <summary>{t("form.more")}</summary>
          <div class="fields">
            {fields
              .filter(({ more }) => more)
              .map((field) => (
                <FieldInput
                  key={field.name}
                  field={field}
                  value={values[field.name]}
                  project={project}
                  onChange={(value) => set(field.name, value)}
                />
              ))}
          </div>
        </details>
        <StartButton form={form} project={project} />
      </form>
    </FormPage>
  );
}

/** What is asked: the answer says the offered lengths all at once, so that choosing one of them asks nothing new. */
function askedOf(values: Readonly<Record<string, FieldValue | undefined>>, offered: boolean) {
  const { minutes, ...rest } = values;
  const said = Object.entries(rest).filter(([, value]) => value !== undefined && value !== "");
  return { ...Object.fromEntries(said), minutes: offered || typeof minutes !== "number" ? LENGTHS[0]! : minutes };
}

/** A real image at a number of pixels, enlarged to the card. */
function RealPicture({ project, dataset, size }: { project: Project; dataset: FieldValue | undefined; size: number }) {
  const { datasets } = useWorkspace();
  const item = project.items.find(({ path, kind }) => kind === "dataset" && path === dataset);
  if (item === undefined || !datasets.some(({ id }) => id === item.id)) return null;
  return <img class="card-picture" src={api.urls.image(item.id, 0, size)} alt="" />;
}

function SizeForecast({ forecast, minutes }: { readonly forecast: Forecast; readonly minutes: number | null }) {
  const { t, number } = useWords();
  const estimate = estimateOf(forecast.answer);
  if (estimate === null) return <Waiting forecast={forecast} />;
  const at = minutes === null ? estimate : atMinutes(estimate, minutes);
  return (
    <>
      {at !== null && <Quality expected={at.expected} />}
      {at !== null && <span>{t("train.seen", { images: number(at.images) })}</span>}
      <span class="muted">{t("train.memory", { megabytes: number(estimate.peakMemoryMegabytes) })}</span>
    </>
  );
}

/** What to expect, in a word with what it means behind it. */
function Quality({ expected }: { readonly expected: Expected | null }) {
  const { t, decimal } = useWords();
  const word = qualityWord(expected);
  const measured = [expected?.below, expected?.above].flatMap((run) => run ?? []);
  const range = measured.map(({ coverage }) => decimal(coverage)).join(" – ");
  return (
    <span class={`quality ${word}`} title={t(`quality.${word}.text`)}>
      {t(`quality.${word}`)}
      {range !== "" && <span class="muted"> {t("quality.coverage", { range })}</span>}
    </span>
  );
}

function Waiting({ forecast: { answer, failed } }: { readonly forecast: Forecast }) {
  const { t } = useWords();
  const why = failed ?? answer?.error?.message.split("\n")[0] ?? null;
  if (why === null) return <span class="muted">{t("train.asking")}</span>;
  return (
    <span class="muted" lang="en" title={why}>
      {t("train.none")}
    </span>
  );
}

interface LengthsProps {
  readonly own: Forecast;
  readonly minutes: number | null;
  readonly byImages: boolean;
  readonly onChoose: (minutes: number | "") => void;
}

function Lengths({ own, minutes, byImages, onChoose }: LengthsProps) {
  const { t, number, duration } = useWords();
  const [free, setFree] = useState(minutes !== null && !LENGTHS.includes(minutes));
  const estimate = estimateOf(own.answer);
  const cards: Card[] = LENGTHS.map((length) => ({
    value: String(length),
    title: duration(length * 60),
    picture: <Clock share={LENGTHS.indexOf(length) / (LENGTHS.length - 1)} />,
    children: <LengthForecast estimate={estimate} minutes={length} />,
  }));
  cards.push({ value: "free", title: t("train.free"), children: <span class="muted">{t("train.free.text")}</span> });
  const value = free || minutes === null || byImages ? "free" : String(minutes);
  return (
    <>
      <ChoiceCards
        name="length"
        legend={t("train.length")}
        cards={cards}
        value={value}
        onChoose={(next) => {
          setFree(next === "free");
          if (next !== "free") onChoose(Number(next));
        }}
      />
      {value === "free" && (
        <div class="field short">
          <label class="field-name" for="field-minutes">
            {t("field.minutes")}
          </label>
          <input
            id="field-minutes"
            type="number"
            min={0.01}
            step="any"
            value={minutes ?? ""}
            placeholder={number(LENGTHS[0]!)}
            aria-describedby="hint-minutes"
            onInput={({ currentTarget: { value: entered } }) => onChoose(entered === "" ? "" : Number(entered))}
          />
          <span id="hint-minutes" class="hint">
            {t("hint.minutes")}
          </span>
        </div>
      )}
    </>
  );
}

function LengthForecast({ estimate, minutes }: { readonly estimate: TrainEstimate | null; readonly minutes: number }) {
  const { t, number } = useWords();
  const at = estimate === null ? null : atMinutes(estimate, minutes);
  if (at === null) return <span class="muted">{t("train.asking")}</span>;
  return (
    <>
      <Quality expected={at.expected} />
      <span>{t("train.seen", { images: number(at.images) })}</span>
    </>
  );
}

/** A dial that is filled by a share, at least a little. */
function Clock({ share }: { readonly share: number }) {
  const round = 2 * Math.PI * 9;
  const filled = round * (0.08 + 0.9 * share);
  return (
    <svg viewBox="0 0 48 48" class="dial" aria-hidden="true">
      <circle cx={24} cy={24} r={20} />
      <circle
        class="filled"
        cx={24}
        cy={24}
        r={9}
        stroke-dasharray={`${filled} ${round}`}
        transform="rotate(-90 24 24)"
      />
    </svg>
  );
}

interface StartsProps {
  readonly project: Project;
  readonly value: string;
  readonly onChoose: (value: string) => void;
}

/** New networks, or those of a run or of the package. */
function Starts({ project, value, onChoose }: StartsProps) {
  const { t, number } = useWords();
  const { runs } = useWorkspace();
  const own = project.items.filter(({ kind }) => kind === "run");
  const cards: Card[] = [
    {
      value: "",
      title: t("train.new"),
      picture: <img class="card-picture" src={NOISE} alt="" />,
      children: <span class="muted">{t("train.new.text")}</span>,
    },
    ...project.starts.map(({ name, about, resolution, imagesSeen }) => ({
      value: name,
      title: name,
      picture: <img class="card-picture corner" src={api.urls.startPicture(name)} alt="" />,
      children: (
        <span class="muted">
          <span lang="en">{about}</span>{" "}
          {t("train.shipped.text", { resolution: number(resolution), seen: number(imagesSeen) })}
        </span>
      ),
    })),
    ...own.map(({ path, id }) => ({
      value: path,
      title: path,
      picture: runs.some((run) => run.id === id) ? <RunPicture run={id} /> : undefined,
      children: <span class="muted">{t("train.run.text")}</span>,
    })),
  ];
  return <ChoiceCards name="from" legend={t("field.from")} cards={cards} value={value} onChoose={onChoose} />;
}

/** A new network draws noise: 8 by 8 grey pixels. */
const NOISE = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8" shape-rendering="crispEdges">${Array.from(
    { length: 64 },
    (_, i) => {
      const level = (i * 7919 + 104_729 * ((i * i) % 13)) % 256;
      return `<rect x="${i % 8}" y="${Math.floor(i / 8)}" width="1" height="1" fill="rgb(${level},${level},${level})"/>`;
    },
  ).join("")}</svg>`,
)}`;

interface SummaryProps {
  readonly forecast: Forecast;
  readonly isReady: boolean;
  readonly minutes: number | null;
}

/** The forecast of what is chosen, said aloud when it changes. */
function Summary({ forecast, isReady, minutes }: SummaryProps) {
  const { t, number, duration } = useWords();
  if (!isReady) return null;
  const estimate = estimateOf(forecast.answer);
  const error = forecast.failed ?? forecast.answer?.error?.message ?? null;
  if (error !== null) return <Notice tone="error">{error}</Notice>;
  const at = estimate === null ? null : minutes === null ? estimate : atMinutes(estimate, minutes);
  const length = minutes ?? estimate?.minutes ?? 0;
  return (
    <div class="forecast" role="status">
      <strong>{t("train.forecast")}</strong>{" "}
      {estimate === null || at === null ? (
        t("train.asking.long")
      ) : (
        <>
          {t("train.forecast.text", {
            time: duration(length * 60),
            images: number(at.images),
            rate: number(estimate.imagesPerSecond),
            megabytes: number(estimate.peakMemoryMegabytes),
          })}{" "}
          <Quality expected={at.expected} />
          {minutes === null && estimate.budgetWarning !== null && <p lang="en">{estimate.budgetWarning}</p>}
        </>
      )}
    </div>
  );
}

import { useMemo, useState } from "preact/hooks";
import { formatNumber } from "../format.ts";
import { useWords } from "../texts/texts.ts";
import { extent, logTicks, ticks } from "./scale.ts";

interface LineChartProps {
  readonly title: string;
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
}

const WIDTH = 400;
const HEIGHT = 196;
const MARGIN = { top: 10, right: 12, bottom: 26, left: 52 } as const;
const INNER = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom } as const;
/** Points of a line at most: more are not seen and slow the page. */
const MAX_POINTS = 600;

/** Compact count for an axis: 12000 => "12k". */
const shortCount = (value: number) => (value >= 1000 ? `${Number((value / 1000).toPrecision(3))}k` : `${value}`);

/** Every n-th point and the last one. */
function thinned<T>(points: readonly T[]): readonly T[] {
  const step = Math.ceil(points.length / MAX_POINTS);
  return step <= 1 ? points : points.filter((_, i) => i % step === 0 || i === points.length - 1);
}

/** Lines over images seen, with a scale that can be logarithmic where every value is above zero. */
export function LineChart({ title, series }: LineChartProps) {
  const { t, number } = useWords();
  const [log, setLog] = useState(false);
  const [at, setAt] = useState<number | null>(null);
  const plot = useMemo(() => {
    const [x0, x1] = extent(series.flatMap(({ points }) => points.map(([x]) => x)));
    const [y0, y1] = extent(series.flatMap(({ points }) => points.map(([, y]) => y)));
    return { x0, x1, y0, y1 };
  }, [series]);
  const { x0, x1, y0, y1 } = plot;
  const canLog = series.every(({ points }) => points.every(([, y]) => y > 0));
  const logarithmic = log && canLog;
  const flat = logarithmic ? Math.log10 : (value: number) => value;
  const [low, high] = logarithmic ? [flat(Math.max(y0, 1e-12)), flat(y1)] : [y0, y1];
  const toX = (x: number) => MARGIN.left + ((x - x0) / (x1 - x0)) * INNER.width;
  const toY = (y: number) => MARGIN.top + (1 - (flat(y) - low) / (high - low)) * INNER.height;
  const longest = series.reduce(
    (best, one) => (one.points.length > best!.points.length ? one : best!),
    series[0]!,
  ).points;

  function follow(event: PointerEvent): void {
    const { left, width } = (event.currentTarget as SVGElement).getBoundingClientRect();
    const x = x0 + ((((event.clientX - left) / width) * WIDTH - MARGIN.left) / INNER.width) * (x1 - x0);
    let nearest = longest[0]![0];
    for (const [seen] of longest) if (Math.abs(seen - x) < Math.abs(nearest - x)) nearest = seen;
    setAt(nearest);
  }

  const shownAt = at ?? longest.at(-1)![0];
  const valueAt = (points: readonly (readonly [number, number])[]) => points.findLast(([seen]) => seen <= shownAt)?.[1];
  const said = series.map(({ name, points }) => `${name} ${formatNumber(points.at(-1)![1])}`).join(", ");
  return (
    <figure class="chart card">
      <figcaption class="card-head">
        <h3>{title}</h3>
        {canLog && (
          <button type="button" class="quiet small" aria-pressed={log} onClick={() => setLog(!log)}>
            {t("chart.log")}
          </button>
        )}
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={t("chart.said", { title, said })}
        onPointerMove={follow}
        onPointerDown={follow}
        onPointerLeave={() => setAt(null)}
      >
        {(logarithmic ? logTicks(y0, y1) : ticks(y0, y1, 4)).map((tick) => (
          <g key={tick} class="tick">
            <line x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={toY(tick)} y2={toY(tick)} />
            <text x={MARGIN.left - 8} y={toY(tick) + 4} text-anchor="end">
              {formatNumber(tick)}
            </text>
          </g>
        ))}
        {ticks(x0, x1, 5).map((tick) => (
          <text key={tick} class="tick-x" x={toX(tick)} y={HEIGHT - 8} text-anchor="middle">
            {shortCount(tick)}
          </text>
        ))}
        {series.map(({ name, points }, s) => (
          <polyline
            key={name}
            class={`series-${s % 6}`}
            points={thinned(points)
              .map(([x, y]) => `${toX(x).toFixed(1)},${toY(y).toFixed(1)}`)
              .join(" ")}
          />
        ))}
        {at !== null && <line class="cursor" x1={toX(at)} x2={toX(at)} y1={MARGIN.top} y2={HEIGHT - MARGIN.bottom} />}
        {series.map(({ name, points }, s) => {
          const value = valueAt(points);
          return value === undefined ? null : (
            <circle key={name} class={`series-${s % 6}`} cx={toX(shownAt)} cy={toY(value)} r={3} />
          );
        })}
      </svg>
      <ul class="legend">
        {series.map(({ name, points }, s) => {
          const value = valueAt(points);
          return (
            <li key={name} class={`series-${s % 6}`}>
              {name} <b>{value === undefined ? "–" : formatNumber(value)}</b>
            </li>
          );
        })}
        <li class="at">{t("train.seen", { images: number(shownAt) })}</li>
      </ul>
    </figure>
  );
}

import { useWords } from "../../texts/texts.ts";
import { ChoiceCards } from "./choice-cards.tsx";

/** Rules with a card, as `--sampler` takes them; docs/sampling.md writes each one down. */
const SAMPLERS = ["random", "truncation:0.7", "reject", "best", "worst", "diverse", "relabel"] as const;
type Sampler = (typeof SAMPLERS)[number];

interface Dot {
  readonly x: number;
  readonly y: number;
}

/** Candidates of a toy generator in a plane, the real images being the circle at the centre; always the same ones. */
const CANDIDATES: readonly Dot[] = Array.from({ length: 36 }, (_, i) => {
  const angle = i * 2.399_963;
  const radius = Math.sqrt((i + 0.5) / 36) * 21;
  return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
});
const PICKED = 9;
const far = ({ x, y }: Dot): number => Math.hypot(x, y);
const apart = (a: Dot, b: Dot): number => Math.hypot(a.x - b.x, a.y - b.y);
const every = (n: number): readonly Dot[] => CANDIDATES.filter((_, i) => i % n === 1);

/** What each rule picks of the toy's candidates. */
function pickedBy(sampler: Sampler): readonly Dot[] {
  const byScore = CANDIDATES.toSorted((a, b) => far(a) - far(b));
  switch (sampler) {
    case "random":
    case "relabel":
      return every(4);
    case "truncation:0.7":
      return every(4).map(({ x, y }) => ({ x: 0.5 * x, y: 0.5 * y }));
    case "reject":
      return every(2).filter((dot, i) => far(dot) < 8 + 4 * (i % 3));
    case "best":
      return byScore.slice(0, PICKED);
    case "worst":
      return byScore.slice(-PICKED);
    case "diverse": {
      const picked = [CANDIDATES[3]!];
      while (picked.length < PICKED) {
        const nearest = (dot: Dot) => Math.min(...picked.map((other) => apart(dot, other)));
        picked.push(CANDIDATES.toSorted((a, b) => nearest(b) - nearest(a))[0]!);
      }
      return picked;
    }
  }
}

/** The toy: what could be drawn, pale; what the rule picks, filled; real images inside the circle. */
function Toy({ sampler }: { readonly sampler: Sampler }) {
  return (
    <svg viewBox="-25 -25 50 50" class="toy" aria-hidden="true">
      <circle class="real" r={12} />
      {CANDIDATES.map((dot) => (
        <circle key={`${dot.x} ${dot.y}`} class="candidate" cx={dot.x} cy={dot.y} r={1.3} />
      ))}
      {pickedBy(sampler).map((dot) => (
        <circle key={`${dot.x} ${dot.y}`} class="picked" cx={dot.x} cy={dot.y} r={2.3} />
      ))}
    </svg>
  );
}

interface SamplerCardsProps {
  /** Empty for the command's own choice, which is `random`. */
  readonly value: string;
  readonly onChoose: (sampler: string) => void;
}

/** How images are chosen, each rule with a picture of what it picks. */
export function SamplerCards({ value, onChoose }: SamplerCardsProps) {
  const { t } = useWords();
  return (
    <>
      <ChoiceCards
        name="sampler"
        legend={t("field.sampler")}
        value={value === "" ? "random" : value}
        onChoose={onChoose}
        cards={SAMPLERS.map((sampler) => {
          const key = sampler.split(":")[0] as "random";
          return {
            value: sampler,
            title: t(`sampler.${key}`),
            picture: <Toy sampler={sampler} />,
            children: <span class="muted">{t(`sampler.${key}.text`)}</span>,
          };
        })}
      />
      <p class="hint">{t("sampler.picture")}</p>
    </>
  );
}

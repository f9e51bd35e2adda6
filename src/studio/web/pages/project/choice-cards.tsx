import type { ComponentChildren } from "preact";

export interface Card {
  readonly value: string;
  readonly title: string;
  /** Decoration: the title says what it is. */
  readonly picture?: ComponentChildren;
  readonly children?: ComponentChildren;
}

interface ChoiceCardsProps {
  /** Distinguishes the group in its form. */
  readonly name: string;
  readonly legend: string;
  readonly cards: readonly Card[];
  readonly value: string;
  readonly onChoose: (value: string) => void;
}

/** One of several, each with a picture and what to expect of it; radio buttons to the keyboard. */
export function ChoiceCards({ name, legend, cards, value, onChoose }: ChoiceCardsProps) {
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      <div class="choice-cards">
        {cards.map((card) => (
          <label key={card.value} class="choice-card">
            <input
              type="radio"
              name={name}
              value={card.value}
              checked={card.value === value}
              onChange={() => onChoose(card.value)}
            />
            {card.picture !== undefined && (
              <span class="choice-picture" aria-hidden="true">
                {card.picture}
              </span>
            )}
            <strong>{card.title}</strong>
            {card.children}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

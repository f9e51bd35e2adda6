import type { ComponentChildren } from "preact";

interface FactsProps {
  /** Name and value of each. */
  readonly facts: readonly (readonly [string, ComponentChildren])[];
  /** Class of the list. Defaults to none. */
  readonly list?: string;
  /** Class of the values. Defaults to none. */
  readonly values?: string;
}

/** Facts as a list of names and values. */
export function Facts({ facts, list, values }: FactsProps) {
  return (
    <dl class={list}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class={values}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface CommandProps {
  readonly line: string;
}

/** A line for a terminal, broken between its words only: half of a flag would read as another one. */
export const Command = ({ line }: CommandProps) => (
  <code class="command">
    {line.split(" ").flatMap((word, i) => [
      i === 0 ? "" : " ",
      <span key={i} class="command-word">
        {word}
      </span>,
    ])}
  </code>
);

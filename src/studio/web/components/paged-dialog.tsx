import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useWords } from "../texts/texts.ts";
import { Icon } from "./icon.tsx";

interface PagedDialogProps<T> {
  readonly title: string;
  readonly class?: string;
  /** What stands between the title and the buttons. */
  readonly head?: ComponentChildren;
  readonly previous: T | null;
  readonly next: T | null;
  readonly words: { readonly previous: string; readonly next: string };
  /** Opens another page, or closes with null. */
  readonly onOpen: (page: T | null) => void;
  readonly children: ComponentChildren;
}

/** A dialog over the page that shows one of many. Buttons and arrow keys go to its neighbours. */
export function PagedDialog<T>(props: PagedDialogProps<T>) {
  const { title, head, previous, next, words, onOpen, children } = props;
  const { t } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const keys = (event: KeyboardEvent) => {
    if (event.key === "ArrowLeft" && previous !== null) onOpen(previous);
    if (event.key === "ArrowRight" && next !== null) onOpen(next);
  };
  const turn = (to: T | null, name: "previous" | "next") => (
    <button type="button" class="quiet" disabled={to === null} aria-label={words[name]} onClick={() => onOpen(to)}>
      <Icon name={name} />
    </button>
  );
  return (
    <dialog
      ref={dialog}
      class={props.class === undefined ? "detail" : `detail ${props.class}`}
      aria-label={title}
      onClose={() => onOpen(null)}
      onKeyDown={keys}
    >
      <div class="detail-head">
        <h2>{title}</h2>
        {head}
        {turn(previous, "previous")}
        {turn(next, "next")}
        <button type="button" class="quiet" aria-label={t("images.close")} onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </div>
      {children}
    </dialog>
  );
}

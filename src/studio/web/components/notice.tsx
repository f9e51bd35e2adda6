import type { ComponentChildren } from "preact";

interface NoticeProps {
  /** Defaults to `note`. */
  readonly tone?: "note" | "error" | "done";
  readonly children: ComponentChildren;
}

/** A sentence to the reader that is not part of the page's content. Errors are read out at once. */
export const Notice = ({ tone = "note", children }: NoticeProps) => (
  <p class={`notice ${tone}`} role={tone === "error" ? "alert" : "status"}>
    {children}
  </p>
);

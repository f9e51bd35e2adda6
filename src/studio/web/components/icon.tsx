/** Line drawings of 24 by 24, stroke in the colour of the text. */
const PATHS = {
  select: "M5 3l14 8-6 1.5L10 19z",
  ellipse: "M12 6c5 0 9 2.7 9 6s-4 6-9 6-9-2.7-9-6 4-6 9-6z",
  box: "M4 6h16v12H4z",
  paint: "M14 4l6 6-9 9H5v-6zM12 6l6 6",
  erase: "M8 19l-4-4L14 5l6 6-8 8zM9 10l6 6M8 19h12",
  undo: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6",
  redo: "M15 7l5 5-5 5M20 12H10a6 6 0 0 0-6 6",
  remove: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5",
  dice: "M4 4h16v16H4zM8.5 8.5h.01M15.5 15.5h.01M15.5 8.5h.01M8.5 15.5h.01M12 12h.01",
  pin: "M9 4h6l-1 6 4 4H6l4-4zM12 14v6",
  compare: "M12 3v18M4 6h5v12H4zM15 6h5v12h-5z",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  add: "M12 5v14M5 12h14",
  next: "M9 5l7 7-7 7",
  previous: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  theme: "M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);

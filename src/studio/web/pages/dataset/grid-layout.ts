/** Places of a grid of equal cells of which only the rows in view are drawn. */
export interface GridLayout {
  readonly columns: number;
  /** Height of a row with the gap below it, in CSS pixels. */
  readonly rowHeight: number;
  readonly rows: number;
  /** Height of all rows in CSS pixels. */
  readonly height: number;
}

/** Sizes of the cells of the dataset's grid in CSS pixels. */
const CELL = { least: 112, gap: 8, caption: 24 } as const;
/** Rows above and below the view that are drawn too. */
const BEYOND = 2;

/** Columns as many as fit, at least one; cells are square pictures with a caption below. */
export function gridLayout(width: number, total: number): GridLayout {
  const columns = Math.max(1, Math.floor((width + CELL.gap) / (CELL.least + CELL.gap)));
  const cell = (width - (columns - 1) * CELL.gap) / columns;
  const rowHeight = Math.round(cell) + CELL.caption + CELL.gap;
  const rows = Math.ceil(total / columns);
  return { columns, rowHeight, rows, height: rows * rowHeight };
}

/** First row to draw and the row after the last, of a view that begins at `top`. */
export function rowsInView(layout: GridLayout, top: number, viewHeight: number): readonly [number, number] {
  const first = Math.max(0, Math.floor(top / layout.rowHeight) - BEYOND);
  const end = Math.min(layout.rows, Math.ceil((top + viewHeight) / layout.rowHeight) + BEYOND);
  return [Math.min(first, end), end];
}

/** Where a key leads from a position; null for a key that leads nowhere. */
export function positionAfter(
  key: string,
  at: number,
  total: number,
  columns: number,
  rowsOfView: number,
): number | null {
  const step: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -columns * rowsOfView,
    PageDown: columns * rowsOfView,
    Home: -total,
    End: total,
  };
  const by = step[key];
  return by === undefined ? null : Math.min(total - 1, Math.max(0, at + by));
}

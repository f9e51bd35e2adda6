/** Names of the columns of a box by its corners. */
export const CORNERS = ["x_min", "y_min", "x_max", "y_max"] as const;

/** Corners of boxes given by a corner and a size, each cell with `;` between boxes; a cell that is no number is kept. */
export function cornersOf(cells: readonly [string, string, string, string]): Record<(typeof CORNERS)[number], string> {
  const [x, y, width, height] = cells;
  const far = (from: string, size: string): string => {
    const sizes = size.split(";");
    return from
      .split(";")
      .map((text, i) => {
        const sum = Number(text) + Number(sizes[i] ?? "");
        return text.trim() === "" || !Number.isFinite(sum) ? text : String(Math.round(sum * 1000) / 1000);
      })
      .join(";");
  };
  return { x_min: x, y_min: y, x_max: far(x, width), y_max: far(y, height) };
}

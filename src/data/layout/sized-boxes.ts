/** Names of the columns of a box by its corners. */
export const CORNERS = ["x_min", "y_min", "x_max", "y_max"] as const;

/**
 * Corners of boxes given by a corner and a size, each cell with `;` between boxes; a cell that is no number is kept.
 * @param cells x, y, width, height
 * @returns x_min, y_min, x_max, y_max
 */
export function cornersOf(cells: readonly string[]): string[] {
  const [x = "", y = "", width = "", height = ""] = cells;
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
  return [x, y, far(x, width), far(y, height)];
}

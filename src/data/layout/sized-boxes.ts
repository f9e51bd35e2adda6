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

/**
 * Boxes after the crop of an image to its centre square and a resize of that.
 * @param cells x_min, y_min, x_max, y_max, each with `;` between boxes; a cell that is no number is kept.
 * @param before Pixels before the crop.
 * @param size Width and height after the resize, pixels.
 */
export function movedCorners(
  cells: readonly string[],
  before: { readonly width: number; readonly height: number },
  size: number,
): string[] {
  const side = Math.min(before.width, before.height);
  const shift = [(before.width - side) >> 1, (before.height - side) >> 1];
  return cells.map((cell, i) => {
    const moved = (text: string): string => {
      const value = Number(text);
      if (text.trim() === "" || !Number.isFinite(value)) return text;
      const place = ((value - shift[i % 2]!) * size) / side;
      return String(Math.round(Math.min(size, Math.max(0, place)) * 1000) / 1000);
    };
    return cell.split(";").map(moved).join(";");
  });
}

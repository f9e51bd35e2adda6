/** Width of a chart that stands alone in its row, in CSS pixels. */
export const WIDE = 500;

/** Colours of series, in order; palette of the reports. */
const SERIES_COLOURS = 6;

export const seriesColour = (k: number): string => `var(--s${k % SERIES_COLOURS})`;

/** A share between 0 and 1 as per cent with so many decimals: `7.0 %`. Defaults to none: `7 %`. */
export const percentFixed = (share: number, decimals = 0): string => `${(100 * share).toFixed(decimals)} %`;

/** A share between 0 and 1 as per cent with so many decimals at most: `7.25 %`, `7 %`. */
export const percentUpTo = (share: number, decimals: number): string => `${Number((100 * share).toFixed(decimals))} %`;

/** A share between 0 and 1 as per cent with so many significant digits at most: `0.012 %`, `7 %`. */
export const percentSignificant = (share: number, digits: number): string =>
  `${Number((100 * share).toPrecision(digits))} %`;

// Interleaved measurements: sides take turns in every round, so that a slow minute of the machine hits all of them.

/** Lets the threads of a side that has just run stop spinning before the other begins. */
export const settle = () => new Promise((resolve) => setTimeout(resolve, 250));

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Rounds of one value a side, after one round that is not counted; each round begins with the next side.
 * @param sides Measurements by name, each giving a number.
 * @returns one record of numbers a round
 */
export async function interleave(rounds, sides) {
  const names = Object.keys(sides);
  const measured = [];
  for (let round = -1; round < rounds; round++) {
    const values = {};
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round + names.length) % names.length];
      await settle();
      values[name] = await sides[name]();
    }
    if (round >= 0) measured.push(Object.fromEntries(names.map((name) => [name, values[name]])));
  }
  return measured;
}

/**
 * A line of the table from rounds of seconds (or bytes): less is better, the ratio is the median of the rounds' ratios.
 * @param work Turns seconds into the rate that is shown; null shows the values themselves.
 * @param required `{ least }` of peer / ours, or `{ most }` of ours / peer
 */
export function row(name, unit, rounds, { peer = "peer", work = null, required }) {
  const shown = (side) => median(rounds.map((round) => (work === null ? round[side] : work / round[side])));
  const least = "least" in required;
  const ratio = median(rounds.map((round) => (least ? round[peer] / round.ours : round.ours / round[peer])));
  return {
    case: name,
    unit,
    ours: shown("ours"),
    peer: shown(peer),
    ratio,
    required: least ? `>= ${required.least}` : `<= ${required.most}`,
    met: least ? ratio >= required.least : ratio <= required.most,
    rounds: rounds.map((round) => ({ ours: round.ours, peer: round[peer] })),
  };
}

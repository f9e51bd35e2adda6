// Tables of docs/audit.md from the lines that planted-leaks.mjs keeps.

const sum = (list, of) => list.reduce((total, item) => total + of(item), 0);
const percent = (share) => `${Math.round(100 * share)} %`;
const unique = (list) => [...new Set(list)];

function table(head, rows) {
  return [
    `| ${head.join(" | ")} |`,
    `|${"---|".repeat(head.length)}`,
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ].join("\n");
}

/** Copies found of a kind in some searches: "38 of 40". */
const foundOf = (rows, kind) => {
  const planted = sum(rows, ({ n }) => n.planted);
  return planted === 0 ? "" : `${sum(rows, ({ found }) => found[kind])} of ${planted}`;
};

/** All tables. @param rows Lines of the measurement */
export function leakTables(rows) {
  const sets = unique(rows.map(({ data }) => data)).sort();
  const sizes = unique(rows.map(({ size }) => size)).sort((a, b) => a - b);
  const shares = unique(rows.map(({ share }) => share)).sort((a, b) => a - b);
  const kinds = Object.keys(rows[0].found);
  const { train, holdout, clean } = rows[0].n;
  const planted = Math.max(...rows.map(({ n }) => n.planted));
  const columns = sets.flatMap((data) => sizes.map((size) => ({ data, size })));
  const cell = (row, { data, size }) => row.data === data && row.size === size;
  const of = (column, share) => rows.filter((row) => cell(row, column) && row.share === share);
  const heads = columns.map(({ data, size }) => `${data} ${size} px`);

  const byKind = table(
    ["copies found, clean split", ...heads],
    kinds.map((kind) => [kind, ...columns.map((column) => foundOf(of(column, 0), kind))]),
  );
  const byShare = table(
    ["near duplicates among the held-out images", ...shares.map(percent)],
    kinds.map((kind) => [
      kind,
      ...shares.map((share) =>
        foundOf(
          rows.filter((row) => row.share === share),
          kind,
        ),
      ),
    ]),
  );
  const split = table(
    [
      "set",
      "share",
      "searches",
      "near duplicates found",
      "other held-out images called one",
      "tests made",
      "other images called a copy",
    ],
    sets.flatMap((data) =>
      shares.map((share) => {
        const own = rows.filter((row) => row.data === data && row.share === share);
        return [
          data,
          percent(share),
          own.length,
          `${sum(own, ({ nearFound }) => nearFound)} of ${sum(own, ({ near }) => near)}`,
          `${sum(own, ({ heldOutCalled }) => heldOutCalled.length)} of ${sum(own, ({ n, near }) => n.holdout - near)}`,
          `${sum(own, ({ made }) => Number(made))} of ${own.length}`,
          `${sum(own, ({ cleanCalled }) => cleanCalled.length)} of ${sum(own, ({ n }) => n.clean)}`,
        ];
      }),
    ),
  );
  const draws = rows.filter(({ share }) => share === 0).length;
  return `Each search: ${train} training, ${holdout} held-out images, ${clean} other real images in the place of the synthetic ones, ${planted} copies of each kind; ${draws} clean draws of all sets, ${rows.length} searches in all.

${byKind}

${byShare}

${split}
`;
}

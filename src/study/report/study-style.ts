/** What the study's report adds to the style sheet of all reports. */
export const STUDY_STYLE = `
:root { --helps-fill: #e2f1e8; --hurts-fill: #f9e4e2; }
@media (prefers-color-scheme: dark) { :root { --helps-fill: #1d3427; --hurts-fill: #3d2322; } }
td.good { background: var(--helps-fill); } td.bad { background: var(--hurts-fill); }
td .line { display: block; font-size: 13px; } td .line .muted { font-size: inherit; }
th[colspan] { text-align: center; }
td.start { text-align: left; } th.start { padding-left: 8px; }
th .no { display: inline-block; min-width: 1.7em; color: var(--muted); font-weight: 400; }
.matrix th, .matrix td { padding-right: 18px; vertical-align: top; } td.start { padding-left: 8px; }
.pinned td, .pinned th { vertical-align: top; } .pinned tbody th { min-width: 10em; } .pinned .interval { font-size: 12.5px; }
.matrix tbody th { text-indent: -1.9em; padding-left: 1.9em; } .matrix tbody th .no { text-indent: 0; min-width: 1.6em; }
.matrix td[style] .muted { color: inherit; }
.matrix th:first-child, .pinned th:first-child { position: sticky; left: 0; background: var(--surface); max-width: 19em; white-space: normal; }
.key .hollow { width: 10px; height: 10px; border-radius: 50%; border: 2px solid var(--muted); }
.key .swatch { width: 18px; height: 3px; }
.key .dashed { width: 20px; border-top: 2px dashed var(--ink); height: 0; }
.key .diamond { width: 9px; height: 9px; transform: rotate(45deg); border: 2px solid var(--muted); }
.key .mean { width: 3px; height: 14px; background: var(--ink); }
.prose p { max-width: 60em; }
@media (max-width: 560px) { .matrix th:first-child, .pinned th:first-child { max-width: 9em; min-width: 7em; } }
`;

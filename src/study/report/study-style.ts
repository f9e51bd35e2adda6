/** What the study's report adds to the style sheet of the evaluation's. */
export const STUDY_STYLE = `
:root { --helps: #1d6b43; --hurts: #a3201d; --helps-fill: #e2f1e8; --hurts-fill: #f9e4e2; --s0: #b4540a; --s1: #1f5f8b; --s2: #7a4fa0; --s3: #2f7d5b; --s4: #a33a6b; --s5: #6b6a1c; }
@media (prefers-color-scheme: dark) { :root { --helps: #84cf9b; --hurts: #ff8a80; --helps-fill: #1d3427; --hurts-fill: #3d2322; --s0: #f0a05a; --s1: #6fb3e0; --s2: #c3a2e6; --s3: #7fcfa6; --s4: #f08fb8; --s5: #d3d074; } }
.answer { border-left: 5px solid var(--rule-strong); padding-left: 14px; }
.answer.use { border-color: var(--helps); } .answer.do-not-use, .answer.mixed { border-color: var(--hurts); }
.answer p { max-width: 54em; }
.verdict { display: inline-block; font-size: 12.5px; font-weight: 650; padding: 0 8px; border: 1px solid currentColor; border-radius: 3px; white-space: nowrap; color: var(--muted); }
.verdict.helps { color: var(--helps); } .verdict.hurts { color: var(--hurts); }
td.helps { background: var(--helps-fill); } td.hurts { background: var(--hurts-fill); }
td .line { display: block; font-size: 13px; } td .line .muted { font-size: inherit; }
th[colspan] { text-align: center; }
td.start { text-align: left; } th.start { padding-left: 8px; }
th .no { display: inline-block; min-width: 1.7em; color: var(--muted); font-weight: 400; }
.matrix th, .matrix td { padding-right: 18px; vertical-align: top; } td.start { padding-left: 8px; }
.pinned td, .pinned th { vertical-align: top; } .pinned tbody th { min-width: 10em; } .pinned .interval { font-size: 12.5px; }
.matrix tbody th { text-indent: -1.9em; padding-left: 1.9em; } .matrix tbody th .no { text-indent: 0; min-width: 1.6em; }
.matrix th:first-child, .pinned th:first-child { position: sticky; left: 0; background: var(--surface); max-width: 19em; white-space: normal; }
.sample img { max-width: 100%; width: auto; min-width: min(100%, 320px); image-rendering: pixelated; }
.charts.full { grid-template-columns: repeat(auto-fill, minmax(min(100%, 540px), 1fr)); }
.charts.full svg { max-width: 720px; }
.key .hollow { width: 10px; height: 10px; border-radius: 50%; border: 2px solid var(--muted); }
.key .swatch { width: 18px; height: 3px; }
.key .dashed { width: 20px; border-top: 2px dashed var(--ink); height: 0; }
.key .diamond { width: 9px; height: 9px; transform: rotate(45deg); border: 2px solid var(--muted); }
.key .mean { width: 3px; height: 14px; background: var(--ink); }
.prose p { max-width: 60em; overflow-wrap: anywhere; } .answer p, header p, li { overflow-wrap: anywhere; }
details { margin: 8px 0 14px; } summary { cursor: pointer; font-weight: 600; }
@media (max-width: 560px) { .charts.full figure, .charts.wide figure { overflow-x: auto; } .charts.full svg { min-width: 540px; } .charts.wide svg { min-width: 420px; }
  .matrix tbody th { text-indent: -1.9em; padding-left: 1.9em; } .matrix tbody th .no { text-indent: 0; min-width: 1.6em; }
.matrix th:first-child { max-width: 9em; } }
`;

/** Style sheet of the report: one typeface of the system, two data colours, light and dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --surface: #fbfbf9; --panel: #ffffff; --ink: #1b2126; --muted: #56616a; --rule: #dfe2e0; --rule-strong: #aeb5b8;
  --real: #1f5f8b; --synthetic: #b4540a; --note: #fff6e5; --note-rule: #c98a17;
}
@media (prefers-color-scheme: dark) {
  :root {
    --surface: #14181b; --panel: #1b2024; --ink: #e7eaec; --muted: #a3adb4; --rule: #30373c; --rule-strong: #59636a;
    --real: #6fb3e0; --synthetic: #f0a05a; --note: #2b2416; --note-rule: #c98a17;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--surface); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", "Liberation Sans", sans-serif; }
main, header, footer { max-width: 1140px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 36px; }
h1 { font-size: 15px; font-weight: 600; letter-spacing: .04em; color: var(--muted); margin: 0 0 10px; }
.headline { font-size: clamp(22px, 3.4vw, 32px); line-height: 1.2; font-weight: 650; max-width: 26em; margin: 0 0 14px; text-wrap: balance; }
h2 { font-size: 20px; margin: 0 0 6px; }
h3 { font-size: 16px; margin: 22px 0 6px; }
h4 { font-size: 14px; margin: 0 0 4px; }
p { max-width: 46em; margin: 0 0 10px; }
section { border-top: 1px solid var(--rule); padding: 26px 0 22px; margin-top: 22px; }
.muted, figcaption, caption { color: var(--muted); font-size: 14px; }
.note { background: var(--note); border-left: 3px solid var(--note-rule); padding: 8px 14px; font-size: 14px; max-width: none; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; padding: 0; margin: 16px 0 0; font-size: 14px; }
a { color: var(--real); }
a:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--real); outline-offset: 2px; }
.scroll { overflow-x: auto; margin: 8px 0 14px; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; min-width: 100%; }
caption { text-align: left; padding-bottom: 6px; }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--rule); text-align: right; vertical-align: baseline; white-space: nowrap; }
th:first-child, td.words, .left { text-align: left; }
td.words { white-space: normal; color: var(--muted); min-width: 20em; }
thead th { color: var(--muted); font-weight: 600; border-bottom-color: var(--rule-strong); }
tbody th { font-weight: 600; }
.interval { color: var(--muted); }
code { font: 13px/1.4 ui-monospace, "Liberation Mono", monospace; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 20px 28px; margin: 12px 0; }
.charts figure { margin: 0; min-width: 0; }
.charts svg { display: block; width: 100%; max-width: 400px; height: auto; }
.charts.wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, 480px), 1fr)); }
.charts.wide svg { max-width: 560px; }
.key { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 14px; color: var(--muted); padding: 0; margin: 8px 0; list-style: none; }
.key span { display: inline-block; margin-right: 7px; vertical-align: middle; }
.key .dot { width: 10px; height: 10px; border-radius: 50%; background: var(--synthetic); }
.key .line { width: 20px; height: 3px; background: var(--synthetic); }
.key .tick { width: 3px; height: 14px; background: var(--real); }
.key .bar-real { width: 14px; height: 12px; background: var(--real); }
.key .bar-synthetic { width: 14px; height: 12px; background: var(--synthetic); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 500px), 1fr)); gap: 16px; margin-top: 12px; }
.grids { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(46%, 230px), 1fr)); gap: 16px; margin: 6px 0 12px; }
.grids figure { margin: 0; min-width: 0; }
td.best { background: var(--note); }
.tag { font-size: 12px; font-weight: 600; color: var(--real); }
.card { background: var(--panel); border: 1px solid var(--rule); border-radius: 4px; padding: 12px 14px 14px; min-width: 0; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }
.pair > div { min-width: 0; }
.pair figure, .close figure { margin: 0; min-width: 0; }
.pair figcaption::before { content: ""; display: inline-block; width: 9px; height: 9px; margin-right: 6px; background: var(--synthetic); }
.pair figure.real figcaption::before { background: var(--real); }
img { display: block; width: 100%; height: auto; }
img.pixels { image-rendering: pixelated; }
.close { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(46%, 200px), 1fr)); gap: 16px; margin-top: 12px; }
.close figcaption { font-size: 12.5px; line-height: 1.4; margin-top: 4px; overflow-wrap: anywhere; }
.triples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); gap: 16px; margin: 12px 0; }
.triples figure, .strips figure { margin: 0 0 10px; min-width: 0; max-width: 760px; }
dl { display: grid; grid-template-columns: minmax(8em, max-content) 1fr; gap: 6px 18px; font-size: 14px; margin: 8px 0; }
dt { font-weight: 600; } dd { margin: 0; min-width: 0; max-width: 50em; }
ul.list { padding-left: 1.2em; max-width: 52em; } ul.list li { margin-bottom: 6px; }
footer { padding: 20px 20px 48px; color: var(--muted); font-size: 13px; }
@media (max-width: 560px) {
  main, header, footer { padding-left: 14px; padding-right: 14px; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 10px; }
}
@media print { section { break-inside: avoid; } body { background: #fff; } }
`;

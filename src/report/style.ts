import { DARK, LIGHT, variables } from "./palette.ts";

/** Style sheet of the reports: one typeface of the system, no text below 12 px, light and dark. */
export const STYLE = `
:root { color-scheme: light dark; ${variables(LIGHT)} }
@media (prefers-color-scheme: dark) { :root { ${variables(DARK)} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--surface); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", "Liberation Sans", sans-serif; }
main, .top, footer { max-width: 1140px; margin: 0 auto; padding: 0 20px; }
.top { padding-top: 32px; }
h1 { font-size: 15px; font-weight: 600; letter-spacing: .04em; color: var(--muted); margin: 0 0 10px; overflow-wrap: anywhere; }
.headline { font-size: clamp(22px, 3.4vw, 32px); line-height: 1.2; font-weight: 650; max-width: 26em; margin: 0 0 16px; text-wrap: balance; overflow-wrap: anywhere; }
h2 { font-size: 20px; margin: 26px 0 6px; }
h3 { font-size: 16px; margin: 22px 0 6px; }
h4 { font-size: 14px; margin: 14px 0 4px; }
p { max-width: 50em; margin: 0 0 10px; overflow-wrap: anywhere; }
li, dd, figcaption { overflow-wrap: anywhere; }
.muted, figcaption, caption { color: var(--muted); font-size: 14px; }
.note { background: var(--note); border-left: 3px solid var(--note-rule); padding: 8px 14px; font-size: 14px; max-width: none; }
.banner { max-width: none; margin: 0; padding: 10px 20px; background: #a3201d; color: #ffffff; font-size: 15px; text-align: center; }
.verdict { border-left: 5px solid var(--rule-strong); padding-left: 14px; }
.verdict.good { border-color: var(--good); } .verdict.bad { border-color: var(--bad); }
.verdict.warning { border-color: var(--warning); } .verdict.notice { border-color: var(--real); }
.badge { display: inline-block; font-size: 12.5px; font-weight: 650; padding: 0 8px; border: 1px solid currentColor; border-radius: 3px; white-space: nowrap; color: var(--muted); }
.badge.good { color: var(--good); } .badge.bad { color: var(--bad); } .badge.warning { color: var(--warning); } .badge.notice { color: var(--real); }
a { color: var(--real); }
a:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--real); outline-offset: 2px; }

.scale { display: flex; flex-wrap: wrap; gap: 4px; list-style: none; padding: 0; margin: 0 0 10px; font-size: 14px; }
.scale li { padding: 1px 12px; border: 1px solid var(--rule); border-radius: 3px; color: var(--muted); }
.scale li[aria-current] { background: var(--ink); border-color: var(--ink); color: var(--surface); font-weight: 650; }
ol.reasons { padding-left: 1.5em; max-width: 54em; margin: 20px 0 16px; } ol.reasons li { margin-bottom: 8px; padding-left: 4px; }
ol.reasons b.title { display: block; }
ul.list { padding-left: 1.2em; max-width: 54em; } ul.list li { margin-bottom: 6px; }

.strip { display: grid; align-items: end; grid-template-columns: repeat(auto-fill, minmax(112px, 1fr)); gap: 14px 12px; list-style: none; padding: 0; margin: 0 0 6px; }
.strip li { min-width: 0; max-width: 200px; }
.strip .class { font-size: 14px; font-weight: 600; line-height: 1.3; margin: 0 0 4px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 6px; margin: 4px 0 10px; }
.tiles.large { grid-template-columns: repeat(auto-fill, minmax(min(48%, 168px), 1fr)); }
.tiles > * { min-width: 0; max-width: 200px; }
.kind { display: block; font-size: 12.5px; line-height: 1.4; color: var(--muted); margin: 2px 0 6px; overflow-wrap: anywhere; }
.kind::before { content: ""; display: inline-block; width: 9px; height: 9px; margin-right: 6px; background: var(--synthetic); }
.kind.real::before { background: var(--real); }
img { display: block; width: 100%; height: auto; background: var(--rule); }
img.pixels { image-rendering: pixelated; }
.missing { aspect-ratio: 1; display: grid; place-items: center; border: 1px dashed var(--rule-strong); color: var(--muted); font-size: 12.5px; text-align: center; }

.folded { border-top: 1px solid var(--rule); }
.folded:last-of-type { border-bottom: 1px solid var(--rule); }
details > summary { cursor: pointer; font-weight: 600; }
.folded > details > summary { padding: 12px 4px; font-weight: 400; display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 10px; list-style: none; position: relative; padding-left: 26px; }
.folded > details > summary::-webkit-details-marker { display: none; }
.folded > details > summary::before { content: ""; position: absolute; left: 6px; top: 22px; border: solid transparent; border-width: 5px 0 5px 8px; border-left-color: currentColor; }
.folded > details[open] > summary::before { transform: rotate(90deg); }
.folded > details > summary h2 { margin: 0; }
.folded > details > summary:hover { background: var(--panel); }
.folded .inside { padding: 6px 0 24px; }
.details-head { margin-top: 34px; }

.scroll { overflow-x: auto; container-type: inline-size; margin: 8px 0 14px; background: linear-gradient(to right, var(--surface) 30%, transparent) left / 40px 100%, linear-gradient(to left, var(--surface) 30%, transparent) right / 40px 100%, linear-gradient(to right, var(--rule-strong), transparent) left / 10px 100%, linear-gradient(to left, var(--rule-strong), transparent) right / 10px 100%; background-repeat: no-repeat; background-attachment: local, local, scroll, scroll; }
table.across th[scope=row] { position: sticky; left: 0; background: var(--surface); }
table.across th, table.across td { padding-right: 12px; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; min-width: 100%; }
caption { position: sticky; left: 0; max-width: 100cqw; text-align: left; padding-bottom: 6px; }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--rule); text-align: right; vertical-align: baseline; white-space: nowrap; }
th:first-child, td.words, .left { text-align: left; }
td.words { white-space: normal; color: var(--muted); min-width: 12em; }
thead th, tbody th { white-space: normal; }
thead th { vertical-align: bottom; color: var(--muted); font-weight: 600; border-bottom-color: var(--rule-strong); }
tbody th { font-weight: 600; min-width: 7em; }
td.best { background: var(--note); }
.interval { color: var(--muted); }
.tag { font-size: 12px; font-weight: 600; color: var(--real); }
code { font: 13px/1.4 ui-monospace, "Liberation Mono", monospace; overflow-wrap: anywhere; }

.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr)); gap: 20px 28px; margin: 12px 0; }
.charts.wide { grid-template-columns: repeat(auto-fill, minmax(min(100%, 500px), 1fr)); }
.charts.full { grid-template-columns: repeat(auto-fill, minmax(min(100%, 680px), 1fr)); }
.chart { margin: 0; min-width: 0; }
.chart .title { color: var(--ink); font-weight: 600; margin-bottom: 2px; } .chart .title .muted { font-weight: 400; }
.chart svg { display: block; max-width: 100%; height: auto; }
.chart .below, .chart .files { font-size: 12.5px; color: var(--muted); margin: 2px 0 0; }
.chart .files a { display: inline-block; min-width: 24px; line-height: 24px; margin-right: 10px; }
.on-desk { display: none; }
@media (min-width: 760px) { .on-desk { display: block; } .on-phone { display: none; } }
.key { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 14px; color: var(--muted); padding: 0; margin: 8px 0; list-style: none; }
.key span { display: inline-block; margin-right: 7px; vertical-align: middle; }
.key .dot { width: 10px; height: 10px; border-radius: 50%; background: var(--synthetic); }
.key .line { width: 20px; height: 3px; background: var(--synthetic); }
.key .tick { width: 3px; height: 14px; background: var(--real); }
.key .bar-real { width: 14px; height: 12px; background: var(--real); }
.key .bar-synthetic { width: 14px; height: 12px; background: var(--synthetic); }

.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 6px 28px; }
.pair > div { min-width: 0; }
.close { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 260px), 1fr)); gap: 16px; margin: 12px 0 16px; }
.close.large { grid-template-columns: repeat(auto-fill, minmax(min(100%, 330px), 1fr)); }
.close figure, .triples figure { margin: 0; min-width: 0; max-width: 400px; }
.close figure { padding: 8px 8px 4px; border: 1px solid var(--rule); border-radius: 3px; background: var(--panel); }
.close figcaption { font-size: 13px; line-height: 1.4; margin-top: 4px; }
.triples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 16px; margin: 12px 0; }
dl { display: grid; grid-template-columns: minmax(8em, max-content) 1fr; gap: 6px 18px; font-size: 14px; margin: 8px 0; }
dt { font-weight: 600; } dd { margin: 0; min-width: 0; max-width: 50em; }
footer { padding: 24px 20px 48px; color: var(--muted); font-size: 13px; }
@media (max-width: 560px) {
  main, .top, footer { padding-left: 14px; padding-right: 14px; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 10px; }
}
@media print {
  body { background: #fff; } figure, .card { break-inside: avoid; } .files { display: none; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; }
}
`;

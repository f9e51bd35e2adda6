/** What the audit's report adds to the style sheet of all reports. */
export const AUDIT_STYLE = `
ol.findings { list-style: none; padding: 0; display: grid; gap: 14px; max-width: 62em; }
ol.findings li { background: var(--panel); border: 1px solid var(--rule); border-left: 4px solid var(--real); border-radius: 4px; padding: 12px 16px 6px; }
ol.findings li.bad { border-left-color: var(--bad); } ol.findings li.warning { border-left-color: var(--warning); }
ol.findings h3 { margin: 6px 0 4px; }
.close figure.copy { border-color: var(--bad); box-shadow: 0 0 0 2px var(--bad); }
.close figure.copy strong { color: var(--bad); }
.framed-pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 6px; }
.framed { position: relative; max-width: 200px; } .framed .tiles { margin: 0; } .framed i { position: absolute; border: 2px solid var(--bad); pointer-events: none; }
.figure { font-size: 13.5px; white-space: nowrap; }
#tests dl { grid-template-columns: minmax(8em, 17em) 1fr; margin-bottom: 18px; }
@media (max-width: 560px) { #tests dl { grid-template-columns: 1fr; } }
td .figure + .figure { margin-top: 2px; }
`;

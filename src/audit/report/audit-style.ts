/** What the audit's report adds to the style sheet of the evaluation's. */
export const AUDIT_STYLE = `
:root { --critical: #a3201d; --warning: #8a5200; --notice: #1f5f8b; --fine: #2c6a3f; }
@media (prefers-color-scheme: dark) { :root { --critical: #ff8a80; --warning: #f0b357; --notice: #6fb3e0; --fine: #84cf9b; } }
.inside { max-width: none; margin: 0; padding: 10px 20px; background: #a3201d; color: #ffffff; font-size: 15px; text-align: center; }
.verdict { border-left: 5px solid var(--fine); padding-left: 14px; }
.verdict.critical { border-color: var(--critical); } .verdict.warning { border-color: var(--warning); } .verdict.notice { border-color: var(--notice); }
.badge { display: inline-block; font-size: 12.5px; font-weight: 650; padding: 0 8px; border: 1px solid currentColor; border-radius: 3px; white-space: nowrap; color: var(--muted); }
.badge.critical { color: var(--critical); } .badge.warning { color: var(--warning); } .badge.notice { color: var(--notice); } .badge.none { color: var(--fine); }
ol.findings { list-style: none; padding: 0; display: grid; gap: 14px; max-width: 62em; }
ol.findings li { background: var(--panel); border: 1px solid var(--rule); border-left: 4px solid var(--notice); border-radius: 4px; padding: 12px 16px 6px; }
ol.findings li.critical { border-left-color: var(--critical); } ol.findings li.warning { border-left-color: var(--warning); }
ol.findings h3 { margin: 6px 0 4px; }
.close figure.copy { outline: 3px solid var(--critical); outline-offset: 4px; }
.close figure.copy strong { color: var(--critical); }
.figure { font-size: 13.5px; white-space: nowrap; }
#tests dl { grid-template-columns: minmax(8em, 17em) 1fr; margin-bottom: 18px; }
@media (max-width: 560px) { #tests dl { grid-template-columns: 1fr; } }
td .figure + .figure { margin-top: 2px; }
`;

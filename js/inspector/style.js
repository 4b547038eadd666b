// How the inspector looks: light and dark by the page's colour scheme, in one column where there is little room.

export const kStyle = `
:host { display: block; container-type: inline-size; color-scheme: light dark; font: 14px/1.45 system-ui, sans-serif;
  --surface: light-dark(#ffffff, #16191d); --ink: light-dark(#16191d, #eceff3); --muted: light-dark(#5b6470, #9aa4b1); --line: light-dark(#d9dee4, #333a42);
  --free: light-dark(#e4e9ee, #2a3037); --freed: light-dark(#f3c76b, #a37a1f); --overhead: light-dark(#b5aec4, #6d6480); --program: light-dark(#c9d3c4, #4a5745);
  --accent: light-dark(#1259b8, #6fb1ff); --bad: light-dark(#b3261e, #ff8a80);
  color: var(--ink); background: var(--surface); }
* { box-sizing: border-box; }
header { display: flex; flex-wrap: wrap; gap: 6px 18px; align-items: baseline; padding: 10px 12px; border-block-end: 1px solid var(--line); }
h2 { font-size: 13px; margin: 0 0 6px; color: var(--muted); font-weight: 600; }
.figure b { font-size: 17px; font-variant-numeric: tabular-nums; } .figure { color: var(--muted); font-size: 12px; } .figure b { color: var(--ink); margin-inline-end: 4px; }
.tools { margin-inline-start: auto; display: flex; flex-wrap: wrap; gap: 6px; }
button, label.button { font: inherit; font-size: 13px; color: var(--ink); background: transparent; border: 1px solid var(--line); border-radius: 6px; padding: 3px 10px; cursor: pointer; min-block-size: 28px; }
label.button { display: inline-flex; align-items: center; }
button:hover, label.button:hover { border-color: var(--accent); } button[aria-pressed=true] { background: var(--accent); color: var(--surface); border-color: var(--accent); }
button:disabled { color: var(--muted); cursor: not-allowed; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
input[type=file] { position: absolute; inline-size: 1px; block-size: 1px; opacity: 0; } input[type=file]:focus-visible + span { outline: 2px solid var(--accent); }
main { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 14px; padding: 12px; }
section { min-inline-size: 0; } .wide { grid-column: 1 / -1; }
canvas { display: block; inline-size: 100%; touch-action: pan-y; } #map { block-size: 360px; cursor: crosshair; } #timeline { block-size: 110px; border: 1px solid var(--line); border-radius: 6px; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 12px; color: var(--muted); margin-block: 6px 0; padding: 0; list-style: none; }
.legend i { display: inline-block; inline-size: 10px; block-size: 10px; margin-inline-end: 5px; border-radius: 2px; }
.used { background: linear-gradient(90deg, #2869c8, #dc3c32); } .freed { background: var(--freed); } .overhead { background: var(--overhead); } .free { background: var(--free); } .program { background: var(--program); }
.place { font: 12px/1.6 ui-monospace, monospace; display: flex; justify-content: space-between; gap: 8px; color: var(--muted); margin-block-end: 4px; flex-wrap: wrap; }
pre { font: 12px/1.5 ui-monospace, monospace; margin: 0; overflow-x: auto; white-space: pre; } #detail { min-block-size: 180px; } #detail p { margin: 0 0 6px; overflow-wrap: anywhere; }
.bar { display: grid; grid-template-columns: 74px 1fr 74px; gap: 8px; font-size: 12px; align-items: center; } .bar .number { font-variant-numeric: tabular-nums; text-align: end; } .bar .label { color: var(--muted); }
.track { background: var(--free); border-radius: 3px; block-size: 11px; } .fill { display: block; background: var(--accent); block-size: 11px; border-radius: 3px; }
table { border-collapse: collapse; inline-size: 100%; font-size: 13px; } th { text-align: start; color: var(--muted); font-weight: 600; font-size: 12px; } td, th { padding: 3px 8px 3px 0; border-block-end: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; } td.where { overflow-wrap: anywhere; } .scroll { max-block-size: 320px; overflow: auto; }
#flames { position: relative; overflow: hidden; } .flame { position: absolute; block-size: 19px; overflow: hidden; white-space: nowrap; font-size: 11px; line-height: 19px; padding-inline: 4px; border-radius: 3px; color: #16191d;
  border-inline-end: 1px solid var(--surface); background: hsl(calc(18 + var(--warmth)) 85% 68%); }
.finding { border-inline-start: 3px solid var(--bad); padding: 4px 10px; margin-block-end: 8px; } .finding summary { cursor: pointer; overflow-wrap: anywhere; } .finding b { color: var(--bad); }
.empty { color: var(--muted); font-size: 13px; }
@container (max-width: 700px) { main { grid-template-columns: minmax(0, 1fr); } #map { block-size: 270px; } .tools { margin-inline-start: 0; } button, label.button { min-block-size: 36px; } }
`;

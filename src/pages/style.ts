/** Grounds, inks and the colours of series: on light pages and paper, and on dark ones. */
const LIGHT = `
  color-scheme: light;
  --ground: #f7f7f5; --card: #ffffff; --line: #dedfdb; --soft: #eef0ee;
  --ink: #1b1d20; --muted: #5b6068; --accent: #005f99; --warn: #8a4b00; --warn-ground: #fff5e2;
  --series-1: #0067a5; --series-2: #c64a00; --series-3: #00785a; --series-4: #a2368a;
  --series-5: #8a6a00; --series-6: #2b87c8; --series-7: #6a6f78; --series-8: #5a3fb0;`

const DARK = `
  color-scheme: dark;
  --ground: #111316; --card: #191c20; --line: #30353c; --soft: #22262b;
  --ink: #e9e9e6; --muted: #a0a6af; --accent: #6db9f0; --warn: #ffc36b; --warn-ground: #2c2417;
  --series-1: #5cb0ee; --series-2: #ff8d4d; --series-3: #33c79b; --series-4: #e58fd0;
  --series-5: #dcb53c; --series-6: #9fd2f5; --series-7: #a8aeb8; --series-8: #b3a0ff;`

/** The style of every page: narrow first, light and dark by the reader's system, always light on paper. */
export const STYLE = `
:root {${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root {${DARK} } }
*, ::before, ::after { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 3.5rem }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  overflow-wrap: anywhere;
}
header, main, nav ul { max-width: 84rem; margin: 0 auto; padding: 0 1rem }
header { padding-top: 2rem; padding-bottom: 1rem }
h1 { font-size: clamp(1.5rem, 5vw, 2.25rem); line-height: 1.15; margin: 0 0 .35rem; letter-spacing: -.02em }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 2.75rem 0 .25rem; letter-spacing: -.01em }
h3 { font-size: 1.02rem; line-height: 1.3; margin: 0 0 .2rem }
h4 { font-size: .92rem; margin: 1rem 0 .4rem }
h2 small { font-weight: 400; font-size: .95rem; color: var(--muted); letter-spacing: 0 }
p { margin: .3rem 0 }
a { color: var(--accent) }
code { font: .92em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
.kind { color: var(--muted); font-size: .8rem; text-transform: uppercase; letter-spacing: .08em; margin: 0 }
.note, figcaption p, .muted { color: var(--muted); font-size: .9rem }
.skip { position: absolute; left: -100vw; background: var(--card); padding: .5rem 1rem; z-index: 3 }
.skip:focus { left: 1rem; top: 1rem }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px }
nav { position: sticky; top: 0; z-index: 2; background: var(--ground); border-bottom: 1px solid var(--line) }
nav ul { display: flex; gap: 1.25rem; list-style: none; overflow-x: auto; scrollbar-width: thin }
nav a { display: block; padding: .7rem 0; white-space: nowrap; text-decoration: none; font-size: .92rem }
nav a:hover { text-decoration: underline }
main { padding-bottom: 4rem }

.tiles { display: grid; gap: .75rem; margin: 1rem 0; padding: 0;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 9.5rem), 1fr)) }
.tiles > div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .7rem .9rem }
.tiles dt { color: var(--muted); font-size: .82rem; line-height: 1.3 }
.tiles dd { margin: 0; font-size: 1.5rem; line-height: 1.3; font-weight: 600; letter-spacing: -.02em;
  font-variant-numeric: tabular-nums }
.tiles dd small { display: block; font-size: .8rem; font-weight: 400; color: var(--muted); letter-spacing: 0 }

.cards { display: grid; gap: 1rem; margin: 1rem 0;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 24.5rem), 1fr)) }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem; margin: 0;
  min-width: 0 }
section > .card { margin: 1rem 0 }
section > .card > .frame > table { width: auto; min-width: min(100%, 44rem) }
.card.wide { grid-column: 1 / -1 }
@media screen and (min-width: 56rem) { .card.two { grid-column: span 2 } }
.chart svg { display: block; width: 100%; height: auto; margin: .6rem 0 .2rem; overflow: visible; color: var(--ink);
  max-width: 36rem; font-family: inherit }
.chart svg [data-part$="axis tick label"], .chart svg [data-part$="axis label"] { fill: var(--muted) }
.chart svg [data-part$="grid"] { stroke: var(--line); stroke-opacity: 1 }
.chart.flow svg { max-width: none; width: auto }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; list-style: none; margin: .4rem 0 0; padding: 0;
  font-size: .85rem }
.legend svg { display: inline-block; width: 1.6rem; height: .6rem; margin: 0 .35rem 0 0; vertical-align: middle }
details { margin-top: .6rem; font-size: .9rem }
summary { cursor: pointer; color: var(--muted); width: fit-content }
summary:hover { color: var(--ink) }

.frame { overflow-x: auto; max-width: 100% }
details .frame { max-height: 24rem; overflow-y: auto; margin-top: .4rem }
table { border-collapse: collapse; width: 100%; font-size: .9rem; line-height: 1.4; overflow-wrap: normal }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line) }
th { font-weight: 600; overflow-wrap: normal }
tbody th { font-weight: 400; overflow-wrap: anywhere; min-width: 7rem }
tbody tr:last-child > * { border-bottom: 0 }
thead th { color: var(--muted); font-weight: 500; font-size: .82rem; vertical-align: bottom }
.number { text-align: right; font-variant-numeric: tabular-nums }
td.number { white-space: nowrap }
tbody th.number { min-width: 0 }
td:last-child, th:last-child { padding-right: 0 }
.bar { display: block; min-width: 4rem; height: .75rem; margin-top: .28rem }
.bar::before { content: ""; display: block; width: max(2px, var(--part)); height: 100%; border-radius: 2px;
  background: var(--series-1) }
.differs { background: var(--soft) }

.people { display: grid; gap: 1rem; margin: 1rem 0;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 16.5rem), 1fr)) }
.people figure, .pairs figure { margin: 0; min-width: 0; break-inside: avoid }
.photos { display: grid; grid-template-columns: repeat(4, 1fr); gap: 3px }
.photos.two { grid-template-columns: 1fr 1fr; max-width: 12rem }
.photos img, .photos span { display: block; width: 100%; aspect-ratio: 1; border-radius: 4px; background: var(--soft);
  object-fit: cover }
.photos span { color: var(--muted); font-size: .7rem; padding: .3rem; line-height: 1.2 }
.people figcaption, .pairs figcaption { font-size: .82rem; line-height: 1.35; margin-top: .3rem }
.pairs { display: grid; gap: 1rem; margin: .8rem 0;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 10.5rem), 1fr)) }
.faults { background: var(--warn-ground); border: 1px solid var(--warn); border-radius: 10px; margin: 1rem 0;
  padding: .7rem 1rem }
.faults h3 { color: var(--warn) }
.faults ul { margin: 0; padding-left: 1.2rem }

@media print {
  :root { --ground: #fff; --soft: #f2f2f2 }
  body { font-size: 10pt }
  nav, .skip { display: none }
  header, main { max-width: none; padding: 0 }
  h2, h3 { break-after: avoid }
  .card, .tiles > div, figure, tr, .faults { break-inside: avoid }
  .cards { grid-template-columns: repeat(2, 1fr) }
  .tiles { grid-template-columns: repeat(5, 1fr) }
  .people { grid-template-columns: repeat(3, 1fr) }
  .frame, details .frame { overflow: visible; max-height: none }
  .card.two { grid-column: 1 / -1 }
  table { font-size: 8pt; overflow-wrap: anywhere }
  th, td { padding-right: .5rem }
  .tiles dd { font-size: 1.15rem }
  details { margin-top: .3rem }
  details::details-content { content-visibility: visible; block-size: auto }
  summary { display: none }
  .bar::before, .photos img, svg { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  @page { margin: 15mm }
}
`

import { TONES } from '../document/labels.ts'

/**
 * The colors of the page, by their purpose. Every pair of text and background that the style uses has a contrast of at
 * least 4.5 (WCAG 2.2, AA). A test computes it.
 */
const LIGHT = {
  page: '#ffffff',
  card: '#f5f6f8',
  code: '#eceef2',
  ink: '#17191d',
  muted: '#50565f',
  line: '#b9bfc9',
  link: '#0b57b7',
  stop: '#a81421',
  accept: '#7a4300',
  warn: '#665000',
  note: '#0b57b7',
  good: '#14632b',
}

const DARK: Record<keyof typeof LIGHT, string> = {
  page: '#14161a',
  card: '#1d2026',
  code: '#292d35',
  ink: '#eceef2',
  muted: '#b0b7c3',
  line: '#4d5562',
  link: '#8cbcff',
  stop: '#ff9a9a',
  accept: '#ffb966',
  warn: '#e8cf6a',
  note: '#8cbcff',
  good: '#85d89b',
}

/** The palette as CSS custom properties. */
function toCssProperties(palette: typeof LIGHT): string {
  return Object.entries(palette)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';')
}

const BASE = `
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
header,main,footer,nav{max-width:66rem;margin:0 auto;padding:0 1rem}
h1{font-size:1.6rem;line-height:1.25;margin:1.25rem 0 .75rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;line-height:1.3;margin:2.25rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3,h4,h5{font-size:1rem;margin:1rem 0 .25rem;overflow-wrap:anywhere}
p,ul,ol,dl,figure{margin:.5rem 0}
p,li,dd{overflow-wrap:anywhere}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px}
code{font:.9em/1.4 ui-monospace,"Cascadia Mono",Menlo,Consolas,monospace;background:var(--code);padding:.05em .3em;border-radius:3px;overflow-wrap:anywhere}
pre{background:var(--code);padding:.75rem;border-radius:6px;overflow-x:auto;margin:.25rem 0 1rem}
pre code{background:none;padding:0;overflow-wrap:normal}
footer{color:var(--muted);margin-top:2.5rem;padding-bottom:2rem}
`

const PARTS = `
.skip{position:absolute;left:-100rem}
.skip:focus{left:1rem;top:.5rem;background:var(--page);padding:.5rem}
.simulated{margin:1rem 0 0;padding:.5rem .75rem;border:2px dashed var(--warn);border-radius:6px}
.verdict{font-size:1.15rem;margin:.75rem 0;padding:.75rem 1rem;background:var(--card);border-left:.4rem solid var(--line);border-radius:0 6px 6px 0}
.verdict .mark{display:block;font-size:1.25rem;white-space:normal}
.mark{font-weight:700;white-space:nowrap}
.part{background:var(--card);border-left:.3rem solid var(--line);border-radius:0 6px 6px 0;padding:.25rem 1rem;margin:.75rem 0}
.part>h3{margin-top:.5rem}
.part details{margin:.5rem 0}
summary{cursor:pointer;border-radius:3px}
summary :is(h3,h4){display:inline;margin:0}
summary .lead{display:block;margin:.15rem 0 0 1.1rem;overflow-wrap:anywhere}
details>:not(summary){margin-left:1.1rem}
.filters{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:.5rem 1.5rem;margin:.75rem 0}
.filters form{display:flex;gap:.5rem;align-items:end}
.filters form>div{flex:1;min-width:0}
.filters label{color:var(--muted);font-size:.85rem}
.filters :is(input,select){display:block;width:100%}
.filters :is(input,select,button){font:inherit;font-size:1rem;color:var(--ink);background:var(--page);border:1px solid var(--line);border-radius:4px;padding:.3rem .5rem;min-height:2.3rem}
.filters :is(input,select,button):focus-visible{outline:3px solid var(--link);outline-offset:2px}
.filters button{background:var(--code);cursor:pointer}
.source{white-space:nowrap}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.25rem;padding:0}
nav a{display:inline-block;padding:.2rem 0}
.count{display:inline-block;min-width:1.4em;padding:0 .35em;border-radius:.7em;background:var(--code);color:var(--ink);font-size:.8em;text-align:center}
.identity{display:flex;flex-wrap:wrap;gap:.25rem 2rem}
.identity>div{display:block;border:0;padding:0}
.identity dt{color:var(--muted);font-size:.85rem;font-weight:400}
dl>div{display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:0 1rem;padding:.3rem 0;border-bottom:1px solid var(--line)}
dt{font-weight:600}
dd{margin:0}
`

const TABLES = `
.wide{overflow-x:auto;margin:.75rem 0}
table{border-collapse:collapse;width:100%}
caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--line);overflow-wrap:break-word;min-width:7.5rem}
thead th{background:var(--card);border-bottom:2px solid var(--line)}
tbody th{font-weight:inherit;min-width:9rem}
td code,tbody th code{overflow-wrap:break-word}
code.address{white-space:nowrap}
tbody .mark{white-space:normal}
`

const PICTURES = `
.pictures{display:flex;flex-wrap:wrap;gap:1.5rem 3rem;align-items:flex-start}
.picture{max-width:100%;height:auto;color:var(--ink)}
.picture text{fill:currentColor;font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.picture .mono{font:12px ui-monospace,"Cascadia Mono",Menlo,Consolas,monospace}
.picture .small{font-size:12px;fill:var(--muted)}
.picture .strong{font-weight:700}
.picture .lead{font-size:13px}
.picture .heading{font-size:17px;font-weight:700}
.picture .box{fill:var(--card);stroke:var(--line);stroke-width:1.5}
.picture .carrier{stroke:var(--ink);stroke-width:2}
.picture .dashed{stroke:var(--ink);stroke-width:2;stroke-dasharray:6 4}
.picture .server{fill:none}
.picture .changed{stroke:var(--accept);stroke-width:3}
.picture .arrow{fill:none;stroke:currentColor;stroke-width:2}
.picture.bar{display:block;width:100%;height:.9rem;border-radius:4px}
.bar-good{fill:var(--good)}
.bar-note{fill:var(--note)}
.bar-accept{fill:var(--accept)}
.bar-stop{fill:var(--stop)}
.bar-rest{fill:var(--line)}
figcaption{color:var(--muted);font-size:.9rem;margin-top:.5rem}
`

const COLORED = TONES.filter((tone) => tone !== 'plain')
const TONED = COLORED.map(
  (tone) =>
    `.mark.${tone}{color:var(--${tone})}.part.${tone},.verdict.${tone}{border-color:var(--${tone})}.picture .${tone}{fill:var(--${tone})}`,
).join('\n')

const NARROW = `
@media screen and (max-width:40rem){
dl>div{grid-template-columns:1fr}
h1{font-size:1.35rem}
.mark{white-space:normal}
.part{padding:.25rem .75rem}
table,caption,tbody,tr,tbody th,td{display:block}
thead{display:block;position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{border:1px solid var(--line);border-radius:6px;margin:.5rem 0;overflow:hidden}
tbody th{background:var(--card);border-bottom:1px solid var(--line)}
tbody th,td{min-width:0;overflow-wrap:anywhere}
td{position:relative;min-height:1.9rem;border-bottom:0;padding:.2rem .6rem .2rem 8.5rem}
td::before{content:attr(data-column);position:absolute;left:.6rem;width:7.6rem;color:var(--muted);font-size:.85rem}
code.address{white-space:normal}
}
`

/**
 * Print has a white background, no scroll bars, and everything open: text wraps, rows do not break, and links
 * to the API show their URL. Every page names the subject, which `attr` reads from the page, and has a number. Browsers
 * without margin boxes omit both.
 */
const PRINT = `
@media print{
:root{${toCssProperties(LIGHT)}}
html{color-scheme:light;--running-title:attr(data-running-title)}
@page{
margin:14mm 14mm 18mm;
@bottom-left{content:var(--running-title);font:8pt system-ui,sans-serif}
@bottom-right{content:"Page " counter(page) " of " counter(pages);font:8pt system-ui,sans-serif}
}
body{font-size:10.5pt}
nav,.skip{display:none}
details::details-content{content-visibility:visible;block-size:auto}
summary{list-style:none}
header,main,footer{max-width:none;padding:0}
.wide,pre{overflow:visible}
pre,pre code{white-space:pre-wrap;overflow-wrap:anywhere}
table{font-size:8.5pt}
th,td{overflow-wrap:anywhere;min-width:0;padding:.25rem .35rem}
tbody th{min-width:0}
td code,tbody th code{overflow-wrap:anywhere}
code.address{white-space:normal}
thead{display:table-header-group}
thead th{overflow-wrap:normal}
.pictures{flex-wrap:nowrap;gap:6%}
.picture:not(.bar){width:47%}
tr,.picture,dl>div,li{break-inside:avoid}
pre,p{orphans:3;widows:3}
pre{-webkit-box-decoration-break:clone;box-decoration-break:clone}
h2,h2+p,h3,h4,h5,caption,thead{break-after:avoid}
tbody tr:first-child{break-before:avoid}
footer a[href^="/"]::after{content:" (" attr(href) ")"}
.verdict,.part,pre,thead th{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`

/** The whole style of the page, because the page loads no files. The content security policy contains its hash. */
export const PAGE_STYLE = [
  `:root{${toCssProperties(LIGHT)}}`,
  `@media (prefers-color-scheme:dark){:root{${toCssProperties(DARK)}}}`,
  BASE,
  PARTS,
  TABLES,
  PICTURES,
  TONED,
  NARROW,
  PRINT,
].join('\n')

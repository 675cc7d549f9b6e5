import { html, Markup } from './markup.js'
import { STYLE } from './style.js'

/** A page that needs nothing beside it. */
export interface Page {
  title: string
  header: Markup
  /** Anchors of the sections, in their order. */
  contents: { id: string; title: string }[]
  body: Markup
}

/** No script, no network, nothing that is sent: whatever text gets into a page, a browser does no more than show it. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

/** The page as one HTML file, light or dark as the reader's system is, and light on paper. */
export function renderPage({ title, header, contents, body }: Page): string {
  const links = contents.map(({ id, title: text }) => html`<li><a href="#${id}">${text}</a></li>`)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>${header}</header>
${contents.length > 1 && html`<nav aria-label="Contents"><ul>${links}</ul></nav>`}
<main id="content">
${body}
</main>
</body>
</html>
`.text
}

export { bytes, count, figure, percent, shortCount, tickPercent } from './figures.js'
export { type Content, escapeHtml, html, Markup } from './markup.js'
export { type Page, renderPage } from './page.js'
export { type Column, renderBars, renderTable, type Table } from './table.js'

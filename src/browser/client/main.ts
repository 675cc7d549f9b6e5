import type { Overview, Person } from '../api.js'
import { Bar } from './bar.js'
import { byId, element } from './element.js'
import type { Page } from './page.js'
import { PeopleGridPage } from './people-page.js'
import { PersonPage } from './person-page.js'
import { ReviewPage } from './review-page.js'
import { parseRoute, type Route } from './route.js'
import { get } from './server.js'
import { alarm, calm } from './telling.js'

const main = byId('main')
let bar: Bar | undefined
let page: Page | undefined
/** Pages that were asked for: of several, the last one is shown. */
let asked = 0

// The token has become a cookie: it need not stand in the address any longer.
if (location.search !== '') history.replaceState(null, '', location.pathname + location.hash)
byId('skip').addEventListener('click', () => main.focus())
addEventListener('hashchange', () => void open())
addEventListener('keydown', (event) => {
  const target = event.target as Element
  const types = target.matches('input, select, textarea') || document.querySelector('dialog[open]') !== null
  if (!types && !event.defaultPrevented && !event.altKey && page?.key?.(event)) event.preventDefault()
})
void open()

async function open(): Promise<void> {
  const own = ++asked
  const route = parseRoute(location.hash)
  try {
    // Asked for anew each time: answers and their progress change.
    const overview = await get<Overview>('api/overview')
    const found = await pageOf(route, overview)
    if (own !== asked) return
    bar ??= new Bar(byId('bar'), overview)
    bar.mark(route)
    calm()
    show(found)
  } catch (error) {
    if (own !== asked) return
    alarm(error)
    if (page === undefined) main.replaceChildren(element('p', { class: 'empty' }, 'Nothing can be shown.'))
  }
}

async function pageOf(route: Route, { datasets, reviews }: Overview): Promise<Page> {
  if (route.page === 'review') {
    const review = reviews[route.review]
    if (review === undefined) throw new Error(`There is no review ${route.review}.`)
    const { next } = review
    return new ReviewPage(route.review, review, route.row ?? next)
  }
  const dataset = datasets[route.dataset]
  if (dataset === undefined) throw new Error(`There is no dataset ${route.dataset}.`)
  if (route.page === 'people') return new PeopleGridPage(route.dataset, dataset, route)
  const person = await get<Person>(`api/datasets/${route.dataset}/people/${route.label}`)
  return new PersonPage(route.dataset, dataset, person, route.sort)
}

function show(next: Page): void {
  page?.close?.()
  const first = page === undefined
  page = next
  document.title = `${next.title} · facedata`
  main.replaceChildren(next.element)
  window.scrollTo({ top: 0 })
  // Who moved on with the keyboard stays where the new page is; at the first one nobody has moved.
  if (!first) (next.focus ?? main).focus({ preventScroll: true })
  next.shown?.()
}

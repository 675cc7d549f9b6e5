import type { Overview } from '../api.js'
import { element, setAttribute } from './element.js'
import { addressOf, type Route } from './route.js'
import { count } from './words.js'

/** The links that stand above every page: the datasets, and the reviews of them. */
export class Bar {
  readonly #links: { link: HTMLElement; is: (route: Route) => boolean }[] = []

  constructor(place: HTMLElement, { datasets, reviews }: Overview) {
    for (const [number, { name }] of datasets.entries()) {
      const address = addressOf({ page: 'people', dataset: number, search: '', sort: 'label' })
      this.#links.push({
        link: element('a', { href: address }, name),
        is: (route) => route.page !== 'review' && route.dataset === number,
      })
    }
    for (const [number, { name, progress }] of reviews.entries()) {
      const address = addressOf({ page: 'review', review: number, row: undefined })
      const link = element('a', { href: address }, 'Review ', name)
      link.title = `${count(progress.total)} cases`
      this.#links.push({ link, is: (route) => route.page === 'review' && route.review === number })
    }
    place.replaceChildren(
      element('span', { class: 'brand' }, 'facedata'),
      element('nav', { 'aria-label': 'Datasets and reviews' }, ...this.#links.map(({ link }) => link)),
    )
  }

  mark(route: Route): void {
    for (const { link, is } of this.#links) {
      setAttribute(link, 'aria-current', is(route) ? 'page' : undefined)
      if (is(route)) link.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    }
  }
}

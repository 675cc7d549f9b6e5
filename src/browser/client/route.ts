import { type PhotoSortName, photoSortNames, type SortName, sortNames } from '../api.js'

/** What the page shows, by the part of its address behind `#`. */
export type Route =
  | { page: 'people'; dataset: number; search: string; sort: SortName }
  | { page: 'person'; dataset: number; label: number; sort: PhotoSortName }
  | { page: 'review'; review: number; row: number | undefined }

const PEOPLE = /^\/datasets\/(\d+)$/
const PERSON = /^\/datasets\/(\d+)\/people\/(\d+)$/
const REVIEW = /^\/reviews\/(\d+)(?:\/(\d+))?$/

/** The people of the first dataset where it names nothing. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?')
  const values = new URLSearchParams(query)
  const person = PERSON.exec(path)
  if (person !== null) {
    const sort = photoSortNames.find((name) => name === values.get('sort')) ?? 'file'
    return { page: 'person', dataset: Number(person[1]), label: Number(person[2]), sort }
  }
  const review = REVIEW.exec(path)
  if (review !== null) {
    const row = review[2] === undefined ? undefined : Number(review[2]) - 1
    return { page: 'review', review: Number(review[1]), row }
  }
  const sort = sortNames.find((name) => name === values.get('sort')) ?? 'label'
  const dataset = Number(PEOPLE.exec(path)?.[1] ?? 0)
  return { page: 'people', dataset, search: values.get('search') ?? '', sort }
}

/** The address of a page. Cases of a review are counted from 1 there. */
export function addressOf(route: Route): string {
  if (route.page === 'review') {
    return `#/reviews/${route.review}${route.row === undefined ? '' : `/${route.row + 1}`}`
  }
  const query = new URLSearchParams()
  if (route.page === 'people' && route.search !== '') query.set('search', route.search)
  if (route.sort !== (route.page === 'people' ? 'label' : 'file')) query.set('sort', route.sort)
  const own = route.page === 'people' ? '' : `/people/${route.label}`
  const text = query.toString()
  return `#/datasets/${route.dataset}${own}${text === '' ? '' : `?${text}`}`
}

import type { AnswerRequest, AnswerResponse, ReviewItem, ReviewOverview } from '../api.js'
import { element } from './element.js'
import type { Page } from './page.js'
import { cleanCase, matchCase } from './review-case.js'
import { addressOf } from './route.js'
import { get, post } from './server.js'
import { alarm, calm, tell } from './telling.js'
import { count, counted } from './words.js'

/** What can be answered, by its key. The words are of the past: they are also told when it is done. */
interface Choice {
  key: string
  answer: string
  text: string
  done: string
  /** How it looks. */
  kind: string
}

const CHOICES: Record<ReviewItem['kind'], Choice[]> = {
  matches: [
    { key: 'm', answer: 'merge', text: 'Merge', done: 'Merged', kind: 'good' },
    { key: 'd', answer: 'keep', text: 'Different', done: 'Kept apart', kind: '' },
    { key: 'x', answer: 'drop', text: 'Leave the second out', done: 'Second one left out', kind: 'bad' },
  ],
  clean: [
    { key: 'k', answer: 'keep', text: 'Keep', done: 'Kept', kind: 'good' },
    { key: 'd', answer: 'drop', text: 'Drop', done: 'Dropped', kind: 'bad' },
    { key: 'p', answer: 'split', text: 'Split off', done: 'Split off', kind: 'bad' },
  ],
}

/** A step that can be undone: back to a case, and to the answer that it had. */
interface Step {
  row: number
  before: string | null
  changed: boolean
}

/** One case after another, decided by keys. An answer is on the disk before the next case is shown. */
export class ReviewPage implements Page {
  readonly element: HTMLElement
  readonly title: string
  readonly #number: number
  readonly #review: ReviewOverview
  readonly #place = element('div', { class: 'case' })
  readonly #bar = element('progress', { 'aria-label': 'Cases answered' })
  readonly #count = element('p', { class: 'found' })
  readonly #choices: HTMLElement
  readonly #undo: HTMLButtonElement
  readonly #steps: Step[] = []
  #item: ReviewItem | undefined
  #row: number
  #busy = false
  #closed = false

  constructor(number: number, review: ReviewOverview, row: number) {
    this.#number = number
    this.#review = review
    this.#row = row
    this.title = `Review ${review.name}`
    const button = (text: string, key: string, act: () => void, kind: string) =>
      element(
        'button',
        { type: 'button', class: kind, 'aria-keyshortcuts': key, onclick: act },
        text,
        shortcut(key),
      )
    this.#undo = button('Undo', 'u', () => this.#act(() => this.#undoStep()), 'plain')
    this.#choices = element(
      'div',
      { class: 'choices', role: 'group', 'aria-label': 'Answer' },
      ...CHOICES[review.kind].map((choice) =>
        button(choice.text, choice.key, () => this.#act(() => this.#answer(choice)), `answer ${choice.kind}`),
      ),
      button('Skip', 's', () => this.#act(() => this.#skip()), 'plain'),
      this.#undo,
    )
    this.element = element(
      'div',
      { class: 'review' },
      element('h1', {}, `Review ${review.name}`),
      element('div', { class: 'progress' }, this.#bar, this.#count),
      this.#place,
      this.#choices,
      this.#fileNote(),
    )
  }

  shown(): void {
    this.#act(() => this.#show(this.#row))
  }

  key(event: KeyboardEvent): boolean {
    const key = event.key.toLowerCase()
    const undoes = key === 'u' || (key === 'z' && (event.ctrlKey || event.metaKey))
    if (!undoes && (event.ctrlKey || event.metaKey)) return false
    if (event.repeat) return false
    if (undoes) this.#act(() => this.#undoStep())
    else if (key === 's') this.#act(() => this.#skip())
    else if (key === 'arrowleft') this.#act(() => this.#go(this.#row - 1))
    else if (key === 'arrowright') this.#act(() => this.#go(this.#row + 1))
    else {
      const choice = CHOICES[this.#review.kind].find((one) => one.key === key)
      if (choice === undefined) return false
      this.#act(() => this.#answer(choice))
    }
    return true
  }

  close(): void {
    this.#closed = true
  }

  /** One thing at a time: a key that comes before the next case is shown is none. */
  #act(action: () => Promise<void>): void {
    if (this.#busy) return
    this.#busy = true
    this.element.setAttribute('aria-busy', 'true')
    action()
      .then(calm, alarm)
      .finally(() => {
        this.#busy = false
        this.element.removeAttribute('aria-busy')
      })
  }

  async #show(row: number): Promise<void> {
    if (this.#review.progress.total === 0) {
      this.#choices.hidden = true
      this.#place.replaceChildren(
        element('p', { class: 'empty' }, 'The dry run found nothing: there is no case.'),
      )
      return
    }
    const item = await get<ReviewItem>(`api/reviews/${this.#number}/${row}`)
    if (this.#closed) return
    this.#item = item
    this.#row = row
    history.replaceState(null, '', addressOf({ page: 'review', review: this.#number, row }))
    this.#place.replaceChildren(item.kind === 'matches' ? matchCase(item) : cleanCase(item))
    this.#showProgress(item)
    window.scrollTo({ top: 0 })
  }

  #showProgress({ progress, answer, index }: ReviewItem): void {
    const { answered, total, counts } = progress
    this.#bar.max = total
    this.#bar.value = answered
    const given = CHOICES[this.#review.kind].flatMap(({ answer, done }) =>
      counts[answer] === undefined ? [] : [`${count(counts[answer])} ${done.toLowerCase()}`],
    )
    this.#count.textContent = [
      `Case ${count(index + 1)} of ${count(total)}`,
      `${count(answered)} answered`,
      ...given,
    ].join(' · ')
    this.#undo.disabled = this.#steps.length === 0
    for (const [i, choice] of CHOICES[this.#review.kind].entries()) {
      this.#choices.children[i]!.setAttribute('aria-pressed', String(choice.answer === answer))
    }
  }

  async #answer({ answer, done }: Choice): Promise<void> {
    const item = this.#item
    if (item === undefined) return
    const { next, progress } = await this.#send(item.index, answer)
    this.#steps.push({ row: item.index, before: item.answer ?? null, changed: true })
    tell(`${done}. ${count(progress.answered)} of ${count(progress.total)} answered.`)
    await this.#advance(item, next)
  }

  async #skip(): Promise<void> {
    const item = this.#item
    if (item === undefined) return
    this.#steps.push({ row: item.index, before: item.answer ?? null, changed: false })
    tell('Skipped.')
    await this.#advance(item, item.next)
  }

  /** To the next case without an answer; at the end of the queue, the end is told. */
  async #advance(item: ReviewItem, next: number): Promise<void> {
    if (next > item.index) await this.#show(next)
    else await this.#end(next)
  }

  async #end(next: number): Promise<void> {
    const { progress } = await get<ReviewItem>(`api/reviews/${this.#number}/${this.#row}`)
    const open = progress.total - progress.answered
    const text =
      open === 0
        ? 'Every case is answered.'
        : `This is the end. ${counted(open, 'case was', 'cases were')} skipped and ${open === 1 ? 'has' : 'have'} no answer.`
    tell(text)
    this.#item = undefined
    this.#bar.value = progress.answered
    this.#undo.disabled = this.#steps.length === 0
    this.#count.textContent = `${count(progress.answered)} of ${count(progress.total)} answered`
    const again = () => this.#act(() => this.#show(next))
    this.#place.replaceChildren(
      element(
        'div',
        { class: 'empty' },
        element('p', {}, text),
        ...(open > 0 ? [element('button', { type: 'button', onclick: again }, 'Go through them')] : []),
        ...(progress.answered > 0
          ? [element('p', {}, 'To do what was answered:'), element('pre', {}, this.#review.command)]
          : []),
      ),
    )
  }

  async #undoStep(): Promise<void> {
    const step = this.#steps.at(-1)
    if (step === undefined) return
    if (step.changed) await this.#send(step.row, step.before)
    this.#steps.pop()
    tell('Undone.')
    await this.#show(step.row)
  }

  async #go(row: number): Promise<void> {
    if (row >= 0 && row < this.#review.progress.total) await this.#show(row)
  }

  #send(row: number, answer: string | null): Promise<AnswerResponse> {
    const request: AnswerRequest = { answer }
    return post<AnswerResponse>(`api/reviews/${this.#number}/${row}`, request)
  }

  #fileNote(): HTMLElement {
    const { answers, others } = this.#review
    return element(
      'p',
      { class: 'file-note' },
      'Each answer is written to ',
      element('code', {}, answers),
      others === 0 ? '' : ` (${count(others)} answers there are to cases that this review does not list)`,
      '. Left and right arrows go through the cases.',
    )
  }
}

function shortcut(key: string): HTMLElement {
  return element('kbd', { 'aria-hidden': 'true' }, key)
}

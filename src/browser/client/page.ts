/** What `main` shows. */
export interface Page {
  element: HTMLElement
  /** Of the window. */
  title: string
  /** What gets the focus when the page is opened; `main` where there is nothing. */
  focus?: HTMLElement
  /** Called once the element stands in the document. */
  shown?(): void
  /** @returns whether the key meant something here */
  key?(event: KeyboardEvent): boolean
  close?(): void
}

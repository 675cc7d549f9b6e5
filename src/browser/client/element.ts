type Attribute = string | number | boolean | undefined | ((event: Event) => void)

/** An attribute, or a listener where its name begins with `on`. True is an attribute without a value. */
export type Attributes = Record<string, Attribute>

export type Child = Node | string | undefined

/** Makes an element. Text is text: no name of a person or file is ever read as markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value)
    else setAttribute(made, name, value)
  }
  made.append(...children.filter((child) => child !== undefined))
  return made
}

/** Without a value the attribute goes. */
export function setAttribute(
  target: Element,
  name: string,
  value: string | number | boolean | undefined,
): void {
  if (value === undefined || value === false) target.removeAttribute(name)
  else target.setAttribute(name, value === true ? '' : String(value))
}

/** The element of the page with this id. */
export function byId(id: string): HTMLElement {
  return document.getElementById(id)!
}

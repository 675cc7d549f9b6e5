import fc from 'fast-check'
import { parseHTML } from 'linkedom'
import { describe, expect, it } from 'vitest'
import { html, Markup } from '../../src/pages/index.js'

describe('html', () => {
  it('escapes what stands in a template, and not what is markup', () => {
    const name = `<img src=x onerror="alert('&')">`
    expect(html`<p title="${name}">${name}</p>`.text).toBe(
      '<p title="&lt;img src=x onerror=&quot;alert(&#39;&amp;&#39;)&quot;&gt;">&lt;img src=x onerror=&quot;alert(&#39;&amp;&#39;)&quot;&gt;</p>',
    )
    expect(html`<b>${html`<i>${'<'}</i>`}${new Markup('<br>')}</b>`.text).toBe('<b><i>&lt;</i><br></b>')
  })

  it('joins lists, shows numbers and 0, and nothing for undefined and false', () => {
    expect(html`${[1, 0, 'a', undefined, false, [html`<br>`]]}|${undefined}|${false}`.text).toBe('10a<br>||')
  })

  it('replaces control characters, which HTML forbids, but for tabs and line ends', () => {
    expect(html`${'a\0b\x1b[31mc\td\ne'}`.text).toBe('a\ufffdb\ufffd[31mc\td\ne')
  })

  it('lets no text become an element or an attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>"\'&/= ab`!-'), maxLength: 40 }), (text) => {
        const { document } = parseHTML(
          html`<!doctype html><html><body><p title="${text}">${text}</p></body></html>`.text,
        )
        const [paragraph] = document.body.children
        expect(document.body.children).toHaveLength(1)
        expect(paragraph!.children).toHaveLength(0)
        expect(paragraph!.getAttributeNames()).toEqual(['title'])
        expect(paragraph!.textContent).toBe(text)
      }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { proxyAdvice } from '../../../../src/engines/tensorflow/install/wheel-listing.js'

describe('the advice on a proxy', () => {
  it('is given where one is named that Node.js does not use', () => {
    const proxy = 'http://proxy:3128'
    expect(proxyAdvice({ https_proxy: proxy })).toMatch(/^https_proxy was not used.*NODE_USE_ENV_PROXY=1/)
    expect(proxyAdvice({ HTTPS_PROXY: proxy, NODE_USE_ENV_PROXY: '1' })).toBe('')
    expect(proxyAdvice({ HTTPS_PROXY: '' })).toBe('')
  })
})

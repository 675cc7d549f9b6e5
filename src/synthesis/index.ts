export { identityName, imageFileName } from './identity-name.js'
export { type RenderedFace, renderFace } from './renderer.js'

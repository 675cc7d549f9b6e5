export { bytesText, countText, durationText, rateText, shareText } from './figures.js'
export { shellWord } from './shell-word.js'
export { barsText, curveText, resample } from './sparkline.js'
export {
  isTerminal,
  paint,
  plainStyle,
  type TerminalStream,
  type TerminalStyle,
  type Tone,
  terminalStyle,
} from './style.js'
export { visibleText } from './visible-text.js'

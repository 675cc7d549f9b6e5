import { answerCalls } from '../../dist/engines/worker-calls.js'

let hear = () => {}

answerCalls({
  note: (text) => hear(text),
  nextNote: () =>
    new Promise((resolve) => {
      hear = resolve
    }),
  echo: (text) => text,
  close: () => {},
})

import { ProtobufWriter, readFields } from '../protobuf/index.js'

/** Field numbers of `tensorflow.Event`. Source: tensorboard/compat/proto/event.proto. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const

/** `Summary.value`, and tag and simple_value of `Summary.Value`. Source: tensorboard/compat/proto/summary.proto. */
const SUMMARY = { value: 1 } as const
const VALUE = { tag: 1, simpleValue: 2 } as const

/** `SessionLog.status`, and its START. */
const SESSION_LOG = { status: 1 } as const
const START = 1

/** What TensorBoard expects in the first record of a file. */
const FILE_VERSION = 'brain.Event:2'

/** The first event of a file. @param wallTime seconds since 1970, as in all events */
export function versionEvent(wallTime: number): Uint8Array {
  return bytesOf(
    new ProtobufWriter().double(EVENT.wallTime, wallTime).string(EVENT.fileVersion, FILE_VERSION),
  )
}

/**
 * A run starts. Where TensorBoard has seen it start before, it drops what it has read of `step` and later ones: they will
 * be written again.
 */
export function startEvent(wallTime: number, step: number): Uint8Array {
  const sessionLog = new ProtobufWriter().integer(SESSION_LOG.status, START)
  return bytesOf(eventAt(wallTime, step).message(EVENT.sessionLog, sessionLog))
}

/** One point, float32, on the curve of each tag. */
export function scalarsEvent(
  wallTime: number,
  step: number,
  scalars: Readonly<Record<string, number>>,
): Uint8Array {
  const summary = new ProtobufWriter()
  for (const [tag, value] of Object.entries(scalars)) {
    summary.message(
      SUMMARY.value,
      new ProtobufWriter().string(VALUE.tag, tag).float(VALUE.simpleValue, value),
    )
  }
  return bytesOf(eventAt(wallTime, step).message(EVENT.summary, summary))
}

/** The step of an event; 0 for one that has none. @throws InputError where the bytes are no message */
export function eventStep(event: Uint8Array, file: string): number {
  for (const { number, integer } of readFields(event, file)) {
    if (number === EVENT.step) return integer
  }
  return 0
}

function eventAt(wallTime: number, step: number): ProtobufWriter {
  return new ProtobufWriter().double(EVENT.wallTime, wallTime).integer(EVENT.step, step)
}

function bytesOf(message: ProtobufWriter): Uint8Array {
  return Buffer.concat(message.pieces)
}

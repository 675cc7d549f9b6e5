export { type ProtobufField, readFields } from './reader.js'
export { ProtobufWriter } from './writer.js'

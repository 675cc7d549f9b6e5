export { eventStep, scalarsEvent, startEvent, versionEvent } from './event.js'
export { frameTfRecord, readTfRecords } from './tf-record.js'

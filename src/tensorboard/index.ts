export { eventStep, restartEvent, scalarsEvent, versionEvent } from './event.js'
export { frameTfRecord, readTfRecords } from './tf-record.js'

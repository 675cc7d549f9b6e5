// Writes the JSON Schema of training configs, which editors check and complete them by. Run by `npm run schema`.
import { writeFileSync } from 'node:fs'
import { configJsonSchema } from '../dist/training/config/json-schema.js'

const file = new URL('../configs/train.schema.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(configJsonSchema(), null, 2)}\n`)

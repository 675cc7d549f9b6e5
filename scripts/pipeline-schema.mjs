// Writes the JSON Schema of pipelines, which editors check and complete them by. Run by `npm run schema`.
import { writeFileSync } from 'node:fs'
import { pipelineJsonSchema } from '../dist/pipeline/json-schema.js'
import { loadStage, stageNames } from '../dist/stages/registry.js'

const file = new URL('../pipelines/pipeline.schema.json', import.meta.url)
const schema = await pipelineJsonSchema({ stageNames, loadStage })
writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`)

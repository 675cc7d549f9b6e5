/**
 * From 1.29 on onnxruntime reports the models that it runs to its maker, unless this is set before it is loaded; it
 * then writes no device id either (microsoft/onnxruntime pull request 27379). Faces and what is made of them stay here.
 * To be imported before all else, in the main thread: the runtime does not see what a worker sets.
 */
process.env['ORT_DISABLE_TELEMETRY'] ??= '1'

import { Command } from 'commander'
import { describeInstallation } from '../engines/tensorflow/install/describe-installation.js'
import { installTensorFlow, TENSORFLOW_VERSION } from '../engines/tensorflow/install/install-tensorflow.js'
import { consoleLog } from './console-log.js'
import { consoleProgress } from './console-progress.js'
import { printResult } from './print-result.js'
import { stopSignal } from './stop-signal.js'

interface InstallFlags {
  gpu?: true
  tensorflow: string
  dir?: string
  index?: string
  json?: true
}

/** `facedata engine install tensorflow` */
export function engineCommand(): Command {
  const tensorflow = new Command('tensorflow')
    .description(
      'build the tensorflow engine, from the libtensorflow of a Python wheel (no Python is needed, a C++ compiler is)',
    )
    .option('--gpu', 'with CUDA and the NVIDIA libraries that it needs: about 3 GB to download')
    .option('--tensorflow <VERSION>', 'version of TensorFlow', TENSORFLOW_VERSION)
    .option('--dir <DIR>', 'folder of engines (default: $FACEDATA_ENGINES, else ~/.cache/facedata/engines)')
    .option(
      '--index <URL>',
      "Python package index that the wheels come from (default: pip's, by PIP_INDEX_URL or its files)",
    )
    .option('--json', 'print the result as JSON on standard output')
    .action(async ({ json, ...options }: InstallFlags) => {
      const progress = consoleProgress()
      try {
        const installed = await installTensorFlow({
          ...options,
          log: consoleLog,
          progress,
          signal: stopSignal(),
        })
        printResult(installed, json, () => describeInstallation(installed, options))
      } finally {
        progress.finish()
      }
    })
  const install = new Command('install').description('build an engine on this machine').addCommand(tensorflow)
  return new Command('engine').description('engines that do not come with facedata').addCommand(install)
}

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { FacedataError } from '../../../errors/index.js'
import { runProgram } from '../addon/run-program.js'

/** Version of Node.js's C interface: that of Node.js 12.22 and everything later. */
const NAPI_VERSION = 8

/** Lines of a compiler's complaint that are shown. */
const SHOWN_LINES = 8

/**
 * The first C++ compiler that answers: `$CXX` alone where it is set.
 * @throws FacedataError where there is none, with the commands that install one
 */
export async function findCompiler(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const names = environment.CXX ? [environment.CXX] : ['g++', 'c++', 'clang++']
  for (const name of names) {
    if ((await runProgram(name, ['--version']))?.code === 0) return name
  }
  throw new FacedataError(
    `the addon is compiled here, and there is no C++ compiler: ${names.join(', ')} ${names.length === 1 ? 'does' : 'do'} ` +
      'not run. Install one (Debian and Ubuntu: apt-get install g++; Fedora and Red Hat: dnf install gcc-c++) or name ' +
      'it in CXX, and run the same command again.',
  )
}

export interface Compilation {
  compiler: string
  /** Of the addon's C++ files. */
  source: string
  /** Of TensorFlow's C headers. */
  headers: string
  /** Where the addon is written: beside `tensorflow/`, which holds the libraries. */
  folder: string
  file: string
}

/** @throws FacedataError with what the compiler says */
export async function compileAddon(
  { compiler, source, headers, folder, file }: Compilation,
  signal?: AbortSignal,
): Promise<void> {
  const nodeHeaders = join(
    dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')),
    'include',
  )
  const ended = await runProgram(
    compiler,
    [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNODE_GYP_MODULE_NAME=tfjs_binding'],
      ...[`-DNAPI_VERSION=${NAPI_VERSION}`, `-I${nodeHeaders}`, `-I${headers}`],
      ...[join(source, 'tfjs_backend.cc'), join(source, 'tfjs_binding.cc')],
      ...[`-L${join(folder, 'tensorflow')}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
      // The older kind of search path also serves libraries that TensorFlow opens later, CUDA's.
      ...['-Wl,--disable-new-dtags', '-Wl,-rpath,$ORIGIN/tensorflow', '-o', join(folder, file)],
    ],
    { signal },
  )
  if (ended?.code === 0) return
  const lines = ended?.errors.trim().split('\n') ?? []
  const wrong = lines.filter((line) => /error|undefined reference|cannot find/i.test(line))
  throw new FacedataError(
    [
      `${compiler} cannot compile the addon (C++17: GCC 8 or Clang 7, and later). It says:`,
      ...(wrong.length > 0 ? wrong : lines).slice(0, SHOWN_LINES).map((line) => `  ${line}`),
    ].join('\n'),
  )
}

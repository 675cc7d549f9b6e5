/** What the probe's process prints on its standard output, as JSON. */
export interface ProbeResult {
  /** The runtime's words where a graph does not run. */
  problem: string | undefined
  float16: boolean
  /** Shared libraries in the process, which tell the driver: paths, on Linux alone. */
  libraries: string[]
}

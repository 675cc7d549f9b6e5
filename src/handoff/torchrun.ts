/** How training starts with upstream's `train_v2.py`, in its folder, which holds the config in `configs/`. */
export interface TorchrunCommands {
  /** All GPUs of one machine. */
  machine: string
  /** On each of several machines, which find each other at the first one. */
  machines: string
}

export function torchrunCommands(module: string): TorchrunCommands {
  const script = `train_v2.py configs/${module}.py`
  return {
    machine: `torchrun --nproc_per_node=gpu ${script}`,
    machines:
      'torchrun --nproc_per_node=gpu --nnodes=MACHINES --node_rank=RANK ' +
      `--rdzv_backend=static --rdzv_endpoint=FIRST_MACHINE:29500 ${script}`,
  }
}

import { pythonLiteral } from './python-literal.js'
import type { TorchrunCommands } from './torchrun.js'

/** How a config of ours begins: it may be written over. */
export const CONFIG_MARK = '# Written by facedata handoff'

/** The Python of a config for upstream. */
export function configText(
  source: string,
  values: Record<string, unknown>,
  commands: TorchrunCommands,
): string {
  const assignments = Object.entries(values).map(([key, value]) => `config.${key} = ${pythonLiteral(value)}`)
  return [
    `${CONFIG_MARK} from ${source}, for train_v2.py of insightface's arcface_torch.`,
    '#',
    `#   ${commands.machine}`,
    '#',
    "# batch_size is for each GPU. num_classes and num_image are the dataset's.",
    'from easydict import EasyDict as edict',
    '',
    'config = edict()',
    ...assignments,
    '',
  ].join('\n')
}

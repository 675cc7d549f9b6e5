export { PytorchFile } from './pytorch-file.js'
export { StateDict } from './state-dict.js'
export { StoredTensor } from './stored-tensor.js'

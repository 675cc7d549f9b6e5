export { PytorchFile } from './pytorch-file.js'
export { StoredTensor } from './stored-tensor.js'

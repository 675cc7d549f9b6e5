/** Element types of the graphs that facedata writes, with their numbers in TensorFlow's `types.proto`. */
export const DataTypes = {
  float32: 1,
  int32: 3,
  uint8: 4,
  bool: 10,
  float16: 19,
  resource: 20,
} as const

export type DataType = keyof typeof DataTypes

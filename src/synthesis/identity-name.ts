/** The seed is in the name, so that identities of two seeds stay apart where datasets are merged by name. */
export function identityName(seed: number, identity: number): string {
  return `synth${seed}_${String(identity + 1).padStart(5, '0')}`
}

/** File name of an image, as in LFW: the identity's name and the image's number, from 1. */
export function imageFileName(name: string, image: number): string {
  return `${name}_${String(image + 1).padStart(4, '0')}.jpg`
}

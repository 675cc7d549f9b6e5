/** A function that a worker module exports: one argument that can be cloned, a result or a promise of one. */
// biome-ignore lint/suspicious/noExplicitAny: a pool holds functions of every argument type.
export type Task = (payload: any) => unknown

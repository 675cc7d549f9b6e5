/** How training turns pixels into inputs. */
export const PIXELS = { color: 'rgb', mean: 127.5, std: 127.5 } as const

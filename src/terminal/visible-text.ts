const OWN_COLOUR = /^\[\d+m/

/**
 * Names and paths come from other people's archives: a character that would move the cursor or rename the window is
 * shown as `\x1b`. Ends of lines, tabs and colours stay.
 */
export function visibleText(text: string): string {
  return text.replace(/(?![\t\n])\p{Cc}/gu, (character, at: number) => {
    if (character === '\u001b' && OWN_COLOUR.test(text.slice(at + 1, at + 5))) return character
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}

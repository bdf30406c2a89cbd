// How deep a JSON text nests, told from its brackets before anything is built from it.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether `text`, if it is JSON, has more than `levels` arrays and objects within one another. Linear in its length. */
export function nestsDeeperThan(text: string, levels: number): boolean {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (isInText) {
      if (character === BACKSLASH) at += 1;
      else if (character === QUOTE) isInText = false;
    } else if (character === QUOTE) {
      isInText = true;
    } else if (isOpening(character)) {
      depth += 1;
      if (depth > levels) return true;
    } else if (isClosing(character)) {
      depth -= 1;
    }
  }
  return false;
}

/** `[` or `{`; they differ in one bit. */
function isOpening(character: number): boolean {
  return (character | 0x20) === 0x7b;
}

/** `]` or `}`. */
function isClosing(character: number): boolean {
  return (character | 0x20) === 0x7d;
}

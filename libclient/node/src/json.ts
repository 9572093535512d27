// Reading one JSON object, strictly: no duplicate keys (JSON.parse keeps the last and says nothing),
// nested at most 16 deep, as the daemon itself reads. Pure.

export type Fields = { readonly [name: string]: unknown };

const DEPTH = 16;

// The object in the text, or null for anything else. Never quotes the text.
export function parseObject(text: string): Fields | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isObject(value) && isPlain(text) ? value : null;
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Whether the text, which is JSON, keeps to the depth and repeats no key. Only strings and brackets
// matter for that; in an object a string that a colon follows is a key.
function isPlain(text: string): boolean {
  const open: (Set<string> | null)[] = [];
  const parts = /"(?:[^"\\]+|\\.)*"(\s*:)?|[{}[\]]/gs;
  for (const [part, colon] of text.matchAll(parts)) {
    if (part === '{' || part === '[') {
      if (open.push(part === '{' ? new Set() : null) > DEPTH) return false;
    } else if (part === '}' || part === ']') {
      open.pop();
    } else if (colon !== undefined) {
      const key = JSON.parse(part.slice(0, -colon.length)) as string;
      const seen = open.at(-1);
      if (!seen || seen.has(key)) return false;
      seen.add(key);
    }
  }
  return true;
}

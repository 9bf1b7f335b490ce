// What this device keeps of a network: the last checkpoint that it verified. It
// survives the page in localStorage, one for this address, and is replaced only by
// a later one of the same history.

const place = "waymark.checkpoint";

/** kept is { checkpoint, since, at }: text, when the first and when this one was verified (ISO 8601); undefined when there is none. */
export function kept() {
  try {
    const text = localStorage.getItem(place);
    if (text === null) return undefined;
    const k = JSON.parse(text);
    // Whatever else stands there is judged, and refused, as a checkpoint.
    return { checkpoint: String(k?.checkpoint), since: String(k?.since), at: String(k?.at) };
  } catch (e) {
    return e instanceof SyntaxError ? { checkpoint: "unreadable", since: "", at: "" } : undefined;
  }
}

/** keep puts a verified checkpoint in the place of before, unless another page has done so meanwhile. It reports whether the device keeps it. */
export function keep(checkpoint, before) {
  if (kept()?.checkpoint !== before?.checkpoint) return false;
  const now = new Date().toISOString();
  try {
    localStorage.setItem(place, JSON.stringify({ checkpoint, since: before?.since ?? now, at: now }));
    return true;
  } catch {
    return false; // storage is off or full
  }
}

/** forget is for who knows that the network was made anew. */
export function forget() {
  localStorage.removeItem(place);
}

/** Recalls that are limited to ranges of serials: mirrors trace/serials.go. */

import { compareText } from "../bytes.ts";
import type { Event } from "../epcis/event.ts";
import { canonical, classOf, type ID } from "../epcis/id.ts";
import { extension } from "./consigned.ts";

/** serials are the ranges that a recall of product classes, or its end, gives: in order, each once; none for all serials. */
export function serials(e: Event): string[] {
  return [...new Set(extension(e.extensions, "serials", "wm:serials"))].sort(compareText);
}

/** serialsOf are those for one of the things that the event names: it limits classes alone. */
export const serialsOf = (e: Event, id: string): string[] => (canonical(id).level === "class" ? serials(e) : []);

/** sameSerials reports whether two events are about the same serials of a thing. */
export function sameSerials(a: Event, b: Event, of: string): boolean {
  return JSON.stringify(serialsOf(a, of)) === JSON.stringify(serialsOf(b, of));
}

const gtinRoot = "https://id.gs1.org/01/";

/** inSerials reports whether an item lies in one of the ranges; without any all do. */
export function inSerials(ranges: string[], id: ID): boolean {
  if (ranges.length === 0) return true;
  const before = classOf(id).uri + "/21/";
  if (id.level !== "item" || !id.uri.startsWith(gtinRoot) || !id.uri.startsWith(before)) return false;
  const serial = id.uri.slice(before.length);
  return ranges.some((range) => {
    const span = spanOf(range);
    if (!span || !serial.startsWith(span.prefix)) return false;
    const rest = serial.slice(span.prefix.length);
    return rest.length === span.first.length && isDigits(rest) && span.first <= rest && rest <= span.last;
  });
}

/** spanOf reads a range: what both ends begin with, and what they go on with. */
function spanOf(range: string): { prefix: string; first: string; last: string } | undefined {
  const ends = /^([0-9A-Za-z_-]{1,20})\.\.([0-9A-Za-z_-]{1,20})$/.exec(range);
  const [, from = "", to = ""] = ends ?? [];
  if (!ends || from.length !== to.length) return undefined;
  let n = 0;
  while (n < from.length && from[n] === to[n]) n++;
  const [prefix, first, last] = [from.slice(0, n), from.slice(n), to.slice(n)];
  return isDigits(first) && isDigits(last) && first <= last ? { prefix, first, last } : undefined;
}

const isDigits = (s: string): boolean => /^[0-9]*$/.test(s);

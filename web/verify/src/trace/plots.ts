/** Land that birth records describe: mirrors trace/plots.go. */

import { compareText, textOf } from "../bytes.ts";
import { isText, type Value } from "../epcis/value.ts";
import type { Plot } from "./journey.ts";
import { asObject, asOutput, live } from "./ledger.ts";
import { isRejected } from "./record.ts";
import type { Walker } from "./walk.ts";

/**
 * plots finds the pieces of land that birth records of the journey describe in
 * their ilmd: GeoJSON (RFC 7946) geometries, features and feature collections, and
 * objects that have a geometry, under whatever name. Geometry is not judged.
 */
export function plots(w: Walker): Plot[] {
  const out: Plot[] = [];
  for (const e of w.records) {
    const ev = live(e);
    if (!ev || isRejected(e.rec) || e.ground) continue;
    const of = [...e.about].filter((id) => {
      const r = e.role(id);
      return r === 0 || (r & (asObject | asOutput)) !== 0;
    });
    const found = landIn({ kind: "object", members: ev.ilmd, start: 0, end: 0 }, 0);
    if (found.length === 0) continue;
    of.sort(compareText);
    const text = textOf(e.rec.bytes) ?? "";
    for (const p of found) {
      const plot: Plot = { of, seq: e.rec.seq, geometry: text.slice(p.geometry.start, p.geometry.end) };
      if (p.id) plot.id = p.id;
      if (p.area) plot.area = p.area;
      out.push(plot);
    }
  }
  return out;
}

interface Land {
  id: string;
  area: string;
  geometry: Value;
}

/** maxLandDepth bounds the search in what an author nested. */
const maxLandDepth = 8;

function landIn(v: Value, depth: number): Land[] {
  if (depth > maxLandDepth) return [];
  if (v.kind === "array") return v.items.flatMap((item) => landIn(item, depth + 1));
  if (v.kind !== "object") return [];
  if (isGeometry(v)) return [{ id: "", area: "", geometry: v }];
  const geometry = member(v, "geometry");
  if (geometry && isGeometry(geometry)) {
    const own = about(v);
    const properties = about(member(v, "properties"));
    return [{ id: own.id || properties.id, area: own.area || properties.area, geometry }];
  }
  return v.members.flatMap((m) => landIn(m.value, depth + 1));
}

function about(v: Value | undefined): { id: string; area: string } {
  const first = (names: string[]): string => {
    for (const name of names) {
      const m = member(v, name);
      if (m && isText(m) && m.str) return m.str;
    }
    return "";
  };
  return {
    id: first(["id", "@id", "plot_id", "plotId", "plotID", "name"]),
    area: first(["area", "areaHectares", "hectares", "Area"]),
  };
}

function isGeometry(v: Value): boolean {
  const type = member(v, "type");
  if (type?.kind !== "string") return false;
  switch (type.str) {
    case "Point":
    case "MultiPoint":
    case "LineString":
    case "MultiLineString":
    case "Polygon":
    case "MultiPolygon":
      return member(v, "coordinates") !== undefined;
    case "GeometryCollection":
      return member(v, "geometries") !== undefined;
  }
  return false;
}

/** member finds a member by the last part of its expanded name. */
const member = (v: Value | undefined, name: string): Value | undefined =>
  v?.kind === "object" ? v.members.find((m) => local(m.name) === name)?.value : undefined;

/** local is the part of a name after its namespace. */
export const local = (name: string): string => name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("#"), name.lastIndexOf(":")) + 1);

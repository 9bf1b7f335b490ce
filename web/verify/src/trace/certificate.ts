/** Certificates folded from their records: mirrors trace/certificate.go. */

import type { Certificate, Event } from "../epcis/event.ts";
import { canonical, classOf, type ID, none } from "../epcis/id.ts";
import { Instant } from "../epcis/instant.ts";
import { idLists, quantityLists } from "./touches.ts";

/** Interval is a span of ledger positions from fromSeq on with one status. */
interface Interval {
  fromSeq: number;
  revoked: boolean;
  effectiveFrom?: Instant | undefined; // of a revocation that takes effect from another moment than it is recorded
}

/** latest, as a seq, is after everything recorded so far. */
export const latest = Infinity;

/** CertificateState is what was issued, and every interval of its status. */
export class CertificateState {
  issuer = "";
  scheme = "";
  subject = "";
  scope: string[] = [];
  validFrom = new Instant(0);
  validUntil = new Instant(0);
  intervals: Interval[] = [];

  /** apply folds one accepted certificate record into the state: an issue begins it, a revocation ends the last interval. */
  apply(c: Certificate, seq: number, organisation: string): void {
    if (c.action === "issue") {
      this.issuer = organisation;
      this.scheme = c.scheme;
      this.subject = c.subject.uri;
      this.scope = c.scope.map((id) => id.uri);
      this.validFrom = c.validFrom;
      this.validUntil = c.validUntil;
      this.intervals = [{ fromSeq: seq, revoked: false }];
    } else if (c.action === "revoke") {
      this.intervals.push({ fromSeq: seq, revoked: true, effectiveFrom: c.effectiveFrom });
    }
  }

  /**
   * at is the status of the certificate for something that happened at t and was
   * recorded at seq, at block time recorded. It has to be valid at t, and not
   * revoked when the event was recorded. A revocation recorded later reaches back
   * only as far as its effectiveFrom. For the status today, t and recorded are the
   * present block time and seq is latest.
   */
  at(t: Instant, recorded: Instant, seq: number): string {
    for (const { fromSeq, revoked, effectiveFrom: from } of this.intervals) {
      if (!revoked) continue;
      if (fromSeq < seq && (!from || !recorded.before(from))) return "revoked";
      if (from && !t.before(from)) return "revoked";
    }
    if (!this.intervals[0] || this.intervals[0].fromSeq >= seq) return "unknown";
    if (t.before(this.validFrom)) return "not yet valid";
    return this.validUntil.before(t) ? "expired" : "active";
  }

  /**
   * covers reports whether the scope admits what the event names. A scope that
   * names product classes or lots admits an event that names at least one of them;
   * an event that names only things without a class (pallets), and a scope of
   * places alone, are not judged by it.
   */
  covers(e: Event): boolean {
    if (!this.scope.some((uri) => classOf(canonical(uri)) !== none)) return true;
    const named: ID[] = [...idLists(e).flat(), ...quantityLists(e).flat().map((q) => q.cls)];
    const judged = named.filter((id) => classOf(id) !== none);
    return judged.length === 0 || judged.some((id) => this.scope.includes(classOf(id).uri) || this.scope.includes(id.uri));
  }
}


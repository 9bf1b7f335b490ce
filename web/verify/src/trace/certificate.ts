/** Certificates folded from their records: mirrors trace/certificate.go. */

import type { Certificate } from "../epcis/event.ts";
import { Instant } from "../epcis/instant.ts";

/** Status is what a record can say of a certificate. */
type Status = "active" | "suspended" | "revoked";

/** Interval is a span of ledger positions from fromSeq on with one status. */
interface Interval {
  fromSeq: number;
  status: Status;
  effectiveFrom?: Instant | undefined; // of a change that takes effect from another moment than it is recorded
}

/** latest, as a seq, is after everything recorded so far. */
export const latest = Infinity;

/** maxAccreditations is how many accreditations may stand between a certificate and an organisation whose schemes genesis names. */
export const maxAccreditations = 4;

/** CertificateState is what was issued, and every interval of its status. */
export class CertificateState {
  issuer = "";
  scheme = "";
  subject = "";
  scope: string[] = [];
  hsCodes: string[] = [];
  activities: string[] = []; // business steps
  accredits: string[] = []; // schemes; of an accreditation
  accreditation = ""; // canonical id of the certificate it was issued under
  validFrom = new Instant(0);
  validUntil = new Instant(0);
  intervals: Interval[] = [];

  /**
   * apply folds one accepted certificate record, which stands at seq and block time
   * recorded, into the state: an issue begins it, every other action begins an
   * interval. A reinstatement takes effect when it is recorded, unless it says when.
   */
  apply(c: Certificate, seq: number, recorded: Instant, organisation: string): void {
    const change = (status: Status, effectiveFrom: Instant | undefined): unknown => this.intervals.push({ fromSeq: seq, status, effectiveFrom });
    switch (c.action) {
      case "issue":
        this.issuer = organisation;
        this.scheme = c.scheme;
        this.subject = c.subject.uri;
        this.scope = c.scope.map((id) => id.uri);
        this.hsCodes = c.hsCodes;
        this.activities = c.activities;
        this.accredits = c.accredits;
        this.accreditation = c.accreditation.uri;
        this.validFrom = c.validFrom;
        this.validUntil = c.validUntil;
        this.intervals = [{ fromSeq: seq, status: "active" }];
        return;
      case "suspend":
        change("suspended", c.effectiveFrom);
        return;
      case "reinstate":
        change("active", c.effectiveFrom ?? recorded);
        return;
      case "revoke":
        change("revoked", c.effectiveFrom);
    }
  }

  /**
   * at is the status of the certificate for something that happened at t and was
   * recorded at seq, at block time recorded. It has to be valid at t, and neither
   * suspended nor revoked when the event was recorded. A change recorded later
   * reaches back only as far as its effectiveFrom. For the status today, t and
   * recorded are the present block time and seq is latest.
   */
  at(t: Instant, recorded: Instant, seq: number): string {
    let known: Status = "active"; // when it was recorded
    let then: Status = "active"; // when it happened
    for (const { fromSeq, status, effectiveFrom: from } of this.intervals) {
      if (fromSeq < seq && (!from || !recorded.before(from))) known = status;
      if (from && !t.before(from)) then = status;
    }
    if (known === "revoked" || then === "revoked") return "revoked";
    if (!this.intervals[0] || this.intervals[0].fromSeq >= seq) return "unknown";
    if (t.before(this.validFrom)) return "not yet valid";
    if (this.validUntil.before(t)) return "expired";
    return known === "suspended" || then === "suspended" ? "suspended" : "active";
  }

  /**
   * standing is at together with the accreditations that the certificate rests on,
   * from the one it was issued under upwards: it holds only while each of them does.
   */
  standing(t: Instant, recorded: Instant, seq: number, above: CertificateState[]): string {
    const status = this.at(t, recorded, seq);
    if (status !== "active") return status;
    const holds = above.length <= maxAccreditations && above.every((a) => a.at(t, recorded, seq) === "active");
    return holds ? "active" : "not accredited";
  }
}

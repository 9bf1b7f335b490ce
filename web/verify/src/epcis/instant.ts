/** Points in time, exact to the nanosecond: mirrors epcis/instant.go. */

const secondsPerDay = 86400;
// The first second of year 1 and the last of year 9999, in Unix seconds.
const minInstant = -62135596800;
const maxInstant = 253402300799;

const form = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(.*)$/s;
const zone = /^(?:Z|([+-])([0-9]{2}):([0-9]{2}))$/;

/**
 * Instant is a point in time. seconds are Unix seconds (UTC), nanos the rest (0
 * to 999,999,999).
 */
export class Instant {
  readonly seconds: number;
  readonly nanos: number;

  constructor(seconds: number, nanos = 0) {
    this.seconds = seconds;
    this.nanos = nanos;
  }

  /**
   * parse reads an xsd:dateTimeStamp (XML Schema 1.1 part 2, section 3.4.28), the
   * form of every time in EPCIS 2.0: a four-digit year, an obligatory time zone
   * of at most 14 hours, up to nine fraction digits. 24:00:00 is midnight at the
   * end of its day. Leap seconds are refused. What is none gives the text of the
   * mistake.
   */
  static parse(s: string): Instant | string {
    const parts = form.exec(s);
    if (!parts) return "not a date and time like 2026-11-22T10:00:00.000+01:00";
    const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
      number, number, number, number, number, number,
    ];
    const fraction = parts[7] ?? "";
    const rest = parts[8]!;
    if (fraction.length > 9) return "more than nine digits after the second's decimal point";
    const offset = zoneOffset(rest);
    if (typeof offset === "string") return offset;
    const nanos = Number(fraction.padEnd(9, "0"));
    if (second === 60) return "leap seconds have no place on the ledger's time line";
    if (
      month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || minute > 59 || second > 59 || hour > 24 ||
      (hour === 24 && (minute !== 0 || second !== 0 || nanos !== 0))
    ) {
      return "no such date or time of day";
    }
    const seconds = daysFromCivil(year, month, day) * secondsPerDay + hour * 3600 + minute * 60 + second - offset;
    if (year === 0 || seconds < minInstant || seconds > maxInstant) return "outside the years 0001 to 9999";
    return new Instant(seconds, nanos);
  }

  /** ofUnixNano is the instant so many nanoseconds after the Unix epoch. */
  static ofUnixNano(ns: bigint): Instant {
    const nanos = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    return new Instant(Number((ns - nanos) / 1_000_000_000n), Number(nanos));
  }

  /** isZero reports the Unix epoch, which no record of a trade states. */
  isZero(): boolean {
    return this.seconds === 0 && this.nanos === 0;
  }

  /** compare is -1, 0 or +1 as this is before, equal to or after u. */
  compare(u: Instant): number {
    const d = this.seconds - u.seconds || this.nanos - u.nanos;
    return d < 0 ? -1 : d > 0 ? 1 : 0;
  }

  before(u: Instant): boolean {
    return this.compare(u) < 0;
  }

  /** add is the instant moved by whole seconds. */
  add(seconds: number): Instant {
    return new Instant(this.seconds + seconds, this.nanos);
  }

  /** toString is RFC 3339 in UTC with Z and as many fraction digits as are needed. */
  toString(): string {
    const days = Math.floor(this.seconds / secondsPerDay);
    const rest = this.seconds - days * secondsPerDay;
    const [year, month, day] = civilFromDays(days);
    const two = (n: number): string => String(n).padStart(2, "0");
    const years = year < 0 ? "-" + String(-year).padStart(4, "0") : String(year).padStart(4, "0");
    const time = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(two).join(":");
    const fraction = this.nanos ? "." + String(this.nanos).padStart(9, "0").replace(/0+$/, "") : "";
    return `${years}-${two(month)}-${two(day)}T${time}${fraction}Z`;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** zoneOffset reads "Z" or "±hh:mm" as seconds east of UTC, or says what is wrong. */
function zoneOffset(s: string): number | string {
  if (s === "") return "date and time without a time zone (Z or ±hh:mm)";
  const parts = zone.exec(s);
  if (!parts) return "not a date and time like 2026-11-22T10:00:00.000+01:00";
  if (s === "Z") return 0;
  const h = Number(parts[2]);
  const m = Number(parts[3]);
  if (m > 59 || h > 14 || (h === 14 && m > 0)) return "no such date or time of day";
  return (parts[1] === "-" ? -1 : 1) * (h * 3600 + m * 60);
}

/** daysIn is how many days a month of the Gregorian calendar has. */
function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/**
 * daysFromCivil is the days from 1970-01-01 to a date of the proleptic Gregorian
 * calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
 */
function daysFromCivil(year: number, month: number, day: number): number {
  if (month <= 2) year--;
  const era = Math.floor(year / 400);
  const yoe = year - era * 400;
  const doy = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const doe = yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy;
  return era * 146097 + doe - 719468;
}

/** civilFromDays is the reverse of daysFromCivil. */
function civilFromDays(days: number): [year: number, month: number, day: number] {
  days += 719468;
  const era = Math.floor(days / 146097);
  const doe = days - era * 146097;
  const yoe = Math.floor(
    (doe - Math.floor(doe / 1460) + Math.floor(doe / 36524) - Math.floor(doe / 146096)) / 365,
  );
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = ((mp + 2) % 12) + 1;
  return [yoe + era * 400 + (month <= 2 ? 1 : 0), month, doy - Math.floor((153 * mp + 2) / 5) + 1];
}

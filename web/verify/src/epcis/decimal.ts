/** Exact decimal numbers: mirrors epcis/decimal.go. */

// Bounds of a decimal that is read from a record.
export const maxDecimalDigits = 34; // significant digits, as IEEE 754 decimal128
export const maxDecimalPlaces = 64; // digits before the point, and after it

/** Decimal is an exact decimal number, coefficient × 10^exponent; it is never a float. */
export class Decimal {
  private readonly coefficient: bigint;
  private readonly exponent: number;

  private constructor(coefficient: bigint, exponent: number) {
    this.coefficient = coefficient;
    this.exponent = exponent;
  }

  /** parse reads a JSON number or an xsd:decimal, exponent allowed; the text of the mistake when it is none. */
  static parse(s: string): Decimal | string {
    const form = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?$/.exec(s);
    const whole = form?.[2] ?? "";
    const fraction = form?.[3] ?? "";
    if (!form || whole + fraction === "") return "not a decimal number";
    const digits = (whole + fraction).replace(/^0+/, "");
    let end = digits.length; // without trailing zeros; a pattern would take quadratic time
    while (digits.charCodeAt(end - 1) === 0x30) end--;
    const kept = digits.slice(0, end);
    const range = `a decimal number of more than ${maxDecimalDigits} significant digits, or ${maxDecimalPlaces} before or after the point`;
    if (kept.length > maxDecimalDigits) return range;
    if (kept === "") return new Decimal(0n, 0); // -0 and 0e9 are 0
    // A huge exponent stays huge: no mantissa of a record can undo 2^32 places.
    const e = Math.max(-(2 ** 32), Math.min(2 ** 32, Number(form[4] ?? 0)));
    const exponent = e - fraction.length + digits.length - kept.length;
    if (exponent < -maxDecimalPlaces || kept.length + exponent > maxDecimalPlaces) return range;
    return new Decimal(BigInt(form[1] === "-" ? "-" + kept : kept), exponent);
  }

  /** of is a whole number. */
  static of(n: number): Decimal {
    return new Decimal(BigInt(n), 0);
  }

  /** scaled is both coefficients at the smaller of two exponents. */
  private scaled(y: Decimal): [a: bigint, b: bigint, exponent: number] {
    const exponent = Math.min(this.exponent, y.exponent);
    const at = (d: Decimal): bigint => d.coefficient * 10n ** BigInt(d.exponent - exponent);
    return [at(this), at(y), exponent];
  }

  /** compare is -1, 0 or +1. */
  compare(y: Decimal): number {
    const [a, b] = this.scaled(y);
    return a < b ? -1 : a > b ? 1 : 0;
  }

  /** add is the sum, exactly. */
  add(y: Decimal): Decimal {
    const [a, b, exponent] = this.scaled(y);
    return new Decimal(a + b, exponent);
  }

  /** multiply is the product, exactly. */
  multiply(y: Decimal): Decimal {
    return new Decimal(this.coefficient * y.coefficient, this.exponent + y.exponent);
  }

  /** toString is the one canonical text: plain, without exponent, without trailing zeros after the point. */
  toString(): string {
    const negative = this.coefficient < 0n;
    let digits = (negative ? -this.coefficient : this.coefficient).toString();
    if (digits === "0") return "0";
    if (this.exponent >= 0) digits += "0".repeat(this.exponent);
    else {
      digits = digits.padStart(1 - this.exponent, "0");
      const point = digits.length + this.exponent;
      const fraction = digits.slice(point).replace(/0+$/, "");
      digits = digits.slice(0, point) + (fraction ? "." + fraction : "");
    }
    return negative ? "-" + digits : digits;
  }

  toJSON(): string {
    return this.toString();
  }
}

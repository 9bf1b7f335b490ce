package epcis

// ReadMRN reads the number of a customs declaration. One that has the form of a
// Movement Reference Number (Union Customs Code, also used under the Common Transit
// Convention: two digits of the year, the country, thirteen characters, a check
// digit) gives its country, and whether the check digit is right (ISO 6346). Any
// other number is the country's own affair: country is "".
func ReadMRN(number string) (country string, right bool) {
	if len(number) != 18 || !all(number[:2], isDigit) || !all(number[2:4], isCapital) ||
		!all(number[4:17], isCapitalOrDigit) || !isDigit(number[17]) {
		return "", false
	}
	return number[2:4], checkDigit6346(number[:17]) == number[17]
}

// checkDigit6346 is the check digit of ISO 6346: letters count 10 to 38 without the
// multiples of 11, the weights are the powers of two, and ten is written as 0.
func checkDigit6346(s string) byte {
	sum := 0
	for i := range len(s) {
		v := int(s[i] - '0')
		if isCapital(s[i]) {
			v = int(s[i]-'A') + 10
			v += (v - 1) / 10 // past 11, 22 and 33
		}
		sum += v << i
	}
	return byte('0' + sum%11%10)
}

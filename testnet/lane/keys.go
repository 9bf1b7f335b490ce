package lane

import (
	"fmt"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// checked appends the GS1 check digit to a key's digits.
func checked(digits string) string {
	check, err := epcis.CheckDigit(digits)
	if err != nil {
		panic("lane: " + err.Error()) // the digits are ours
	}
	return digits + string(check)
}

const digitalLink = "https://id.gs1.org/"

// gln is the location or party number n under a seven-digit company prefix.
func gln(prefix string, n int) string { return checked(fmt.Sprintf("%s%05d", prefix, n)) }

func placeURI(prefix string, n int) string { return digitalLink + "414/" + gln(prefix, n) }
func partyURI(prefix string) string        { return digitalLink + "417/" + gln(prefix, 0) }

// gtin is the GTIN-14 of item reference n under a seven-digit company prefix.
func gtin(prefix string, indicator, n int) string {
	return checked(fmt.Sprintf("%d%s%05d", indicator, prefix, n))
}

func classURI(gtin string) string        { return digitalLink + "01/" + gtin }
func lotURI(gtin, lot string) string     { return digitalLink + "01/" + gtin + "/10/" + lot }
func itemURI(gtin, serial string) string { return digitalLink + "01/" + gtin + "/21/" + serial }
func itemOfLotURI(gtin, lot, serial string) string {
	return digitalLink + "01/" + gtin + "/10/" + lot + "/21/" + serial
}
func ssccURI(prefix string, n int) string {
	return digitalLink + "00/" + checked(fmt.Sprintf("3%s%09d", prefix, n))
}
func gdtiURI(prefix string, typ int, serial string) string {
	return digitalLink + "253/" + checked(fmt.Sprintf("%s%05d", prefix, typ)) + serial
}

// modulo11 is the check digit of ISO 6346 (container numbers), which the MRN
// of the Union Customs Code uses as well.
func modulo11(code string) string {
	sum, weight := 0, 1
	for _, c := range code {
		v := int(c - '0')
		if c >= 'A' { // letters count 10 to 38, without the multiples of 11
			v = int(c-'A') + 10
			for _, multiple := range []int{11, 22, 33} {
				if v >= multiple {
					v++
				}
			}
		}
		sum += v * weight
		weight *= 2
	}
	return string(rune('0' + sum%11%10))
}

// containerURI is the BIC code of container n of owner WMK.
func containerURI(n int) string {
	code := fmt.Sprintf("WMKU%06d", n%1_000_000)
	return "urn:epc:id:bic:" + code + modulo11(code)
}

// mrn is a movement reference number: year, country, twelve characters of the
// office's own, procedure, check digit.
func mrn(year int, country string, n int, procedure string) string {
	code := fmt.Sprintf("%02d%s5850%08d%s", year%100, country, n, procedure)
	return code + modulo11(code)
}

// document is the CBV business transaction URI (CBV 2.0, section 8.5.2) of a
// document that the party with this prefix issued.
func document(prefix, id string) string {
	return "urn:epcglobal:cbv:bt:" + gln(prefix, 0) + ":" + strings.ToUpper(id)
}

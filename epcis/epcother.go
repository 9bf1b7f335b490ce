package epcis

import "strings"

// otherEPC judges an EPC that is no GS1 key: it keeps its URN. ok is false for
// any other scheme.
func otherEPC(scheme, body string) (level Level, reason string, ok bool) {
	switch scheme {
	case "bic":
		if reason = checkBIC(body); reason != "" {
			return Opaque, reason, true
		}
	case "imovn":
		if reason = checkIMO(body); reason != "" {
			return Opaque, reason, true
		}
	case "adi":
		if strings.Count(body, ".") != 2 {
			return Opaque, "ADI is not of the form CAGE.part.serial", true
		}
	case "usdod":
		if strings.Count(body, ".") != 1 {
			return Opaque, "USDOD is not of the form CAGE.serial", true
		}
	case "gid":
		if strings.Count(body, ".") != 2 {
			return Opaque, "GID is not of the form manager.class.serial", true
		}
	default:
		return Opaque, "", false
	}
	return Item, "", true
}

// checkBIC judges a container number (ISO 6346): owner, category, six digits and
// a check digit.
func checkBIC(s string) string {
	if len(s) != 11 {
		return "a container number has eleven characters"
	}
	if !all(s[:4], isCapital) || !all(s[4:10], isDigit) {
		return "a container number is four capital letters and seven digits"
	}
	if s[10] != checkDigit6346(s[:10]) {
		return "container number has a wrong check digit"
	}
	return ""
}

// checkIMO judges an IMO ship number: seven digits, the last a check digit.
func checkIMO(s string) string {
	if len(s) != 7 || digits(s) < 0 {
		return "an IMO number has seven digits"
	}
	sum := 0
	for i := range 6 {
		sum += int(s[i]-'0') * (7 - i)
	}
	if s[6] != byte('0'+sum%10) {
		return "IMO number has a wrong check digit"
	}
	return ""
}

package epcis

import (
	"errors"
	"net/netip"
	"strings"
)

// checkURI checks a URI by the grammar of RFC 3986, section 3, with something
// behind the scheme.
func checkURI(s string) error {
	colon := strings.IndexByte(s, ':')
	if colon <= 0 || !isAlpha(s[0]) {
		return errors.New("it does not begin with a scheme such as urn or https")
	}
	for i := 1; i < colon; i++ {
		if c := s[i]; !isAlpha(c) && !isDigit(c) && c != '+' && c != '-' && c != '.' {
			return errors.New("it does not begin with a scheme such as urn or https")
		}
	}
	rest, fragment, _ := strings.Cut(s[colon+1:], "#")
	rest, query, _ := strings.Cut(rest, "?")
	if rest == "" {
		return errors.New("nothing follows its scheme")
	}
	path := rest
	if authority, ok := strings.CutPrefix(rest, "//"); ok {
		path = ""
		if slash := strings.IndexByte(authority, '/'); slash >= 0 {
			authority, path = authority[:slash], authority[slash:]
		}
		if !isAuthority(authority) {
			return errors.New("its host is not well formed")
		}
	}
	if !allowed(path, ":@/") || !allowed(query, ":@/?") || !allowed(fragment, ":@/?") {
		return errors.New("it holds a character that a URI must escape with %")
	}
	return nil
}

func isAuthority(s string) bool {
	if at := strings.IndexByte(s, '@'); at >= 0 {
		if !allowed(s[:at], ":") {
			return false
		}
		s = s[at+1:]
	}
	if literal, ok := strings.CutPrefix(s, "["); ok {
		address, port, ok := strings.Cut(literal, "]")
		if !ok || port != "" && port[0] != ':' {
			return false
		}
		ip, err := netip.ParseAddr(address)
		return err == nil && ip.Is6() && ip.Zone() == "" && isPort(strings.TrimPrefix(port, ":"))
	}
	host, port, _ := strings.Cut(s, ":")
	return allowed(host, "") && isPort(port)
}

func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// allowed reports whether s has only unreserved characters, sub-delimiters,
// percent-encoded bytes, and those of extra.
func allowed(s, extra string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isAlpha(c), isDigit(c), strings.IndexByte("-._~!$&'()*+,;=", c) >= 0, strings.IndexByte(extra, c) >= 0:
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			i += 2
		default:
			return false
		}
	}
	return true
}

func isPort(s string) bool { return strings.Trim(s, "0123456789") == "" }

package api

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// pageSize reads the parameter of that name: how many entries a page is to have at
// most. Who asks for more than a page of this node has gets the largest (EPCIS 2.0's
// REST binding, PerPage).
func pageSize(name, value string, most int) (int, error) {
	if value == "" || strings.Trim(value, "0123456789") != "" || strings.Trim(value, "0") == "" {
		return 0, fail(reasonQueryParameter, "%s is %q, and should be a whole number from 1 on; a page of this node has at most %d", name, value, most)
	}
	n, err := strconv.Atoi(value)
	if err != nil { // past every page
		return most, nil
	}
	return min(n, most), nil
}

// A token says where the next page starts. Clients hand back what they got, and what
// is in it is this node's own affair.

func encodeToken(token any) (string, error) {
	b, err := json.Marshal(token)
	if err != nil {
		return "", fmt.Errorf("write the next page's token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// decodeToken reads the parameter of that name into token.
func decodeToken(name, value string, token any) error {
	b, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || json.Unmarshal(b, token) != nil {
		return notIssued(name)
	}
	return nil
}

func notIssued(name string) error {
	return fail(reasonQueryParameter, "%s was not issued by this node", name)
}

// linkNext names the next page in a Link header (RFC 8288): the same question with
// another token.
func linkNext(c echo.Context, path, name, token string) {
	next := maps.Clone(c.QueryParams())
	next[name] = []string{token}
	c.Response().Header().Set("Link", "<"+path+"?"+url.Values(next).Encode()+`>; rel="next"`)
}

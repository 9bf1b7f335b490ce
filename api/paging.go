package api

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"
)

// pageSize reads the parameter of that name: how many entries a page is to have.
func pageSize(name, value string, most int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return 0, fail(reasonQueryParameter, "%s is %q, and should be a number from 1 to %d", name, value, most)
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

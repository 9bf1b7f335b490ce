package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// bearer is the API key of a request, "" for none (RFC 6750, section 2.1).
func bearer(r *http.Request) string {
	scheme, key, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}

// HashKey is how an API key is kept: only its SHA-256. API keys are random, so
// nothing slower is needed.
func HashKey(key string) [32]byte { return sha256.Sum256([]byte(key)) }

// scopesOf returns the scopes of a presented key; ok is false for an unknown
// one. Every configured key is compared, in constant time, so that timing says
// neither which key matched nor how far.
func (a *API) scopesOf(key string) (scopes []Scope, ok bool) {
	presented := HashKey(key)
	for i := range a.keys {
		if subtle.ConstantTimeCompare(presented[:], a.keys[i].Hash[:]) == 1 {
			scopes, ok = a.keys[i].Scopes, true
		}
	}
	return scopes, ok
}

// need admits whoever presents a key with one of the scopes.
func (a *API) need(scopes ...Scope) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			key := bearer(c.Request())
			if key == "" {
				return fail(reasonNoKey, "the request carries no API key")
			}
			has, ok := a.scopesOf(key)
			if !ok {
				return fail(reasonNoKey, "this node does not know the API key")
			}
			for _, s := range scopes {
				if slices.Contains(has, s) {
					return next(c)
				}
			}
			return fail(reasonWrongScope, "this needs the scope %q", scopes[0])
		}
	}
}

package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"golang.org/x/time/rate"
)

const requestIDKey = "request"

// requestID is the UUID this request has in the log and in problems.
func requestID(c echo.Context) string {
	id, _ := c.Get(requestIDKey).(string)
	return id
}

// observe gives a request its id, measures it, logs it at debug and turns a
// panic, which is always a bug of ours, into an error for the log.
func (a *API) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		started := time.Now()
		id := uuid.NewString()
		c.Set(requestIDKey, id)
		c.Response().Header().Set("X-Request-Id", id)
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // the value net/http documents
					panic(p)
				}
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
			if err != nil {
				c.Error(err) // the error handler answers; nothing is left for the router
				err = nil
			}
			took := time.Since(started)
			route, status := c.Path(), c.Response().Status
			if route == "" {
				route = "none"
			}
			a.requests.WithLabelValues(route, c.Request().Method, strconv.Itoa(status)).Inc()
			a.seconds.WithLabelValues(route).Observe(took.Seconds())
			a.log.Debug("request", "request", id, "method", c.Request().Method, "route", route, "status", status,
				"bytes", c.Response().Size, "ms", took.Milliseconds())
		}()
		return next(c)
	}
}

// checkingPolicy is what a page may do beyond that to check a journey: run the
// node's own scripts, also as a worker, and ask this node.
const checkingPolicy = "script-src 'self'; worker-src 'self'; connect-src 'self'"

// contentPolicy lets a page do nothing but show itself: no script, no request
// to anybody, no frame. The one style sheet is named by its hash.
func contentPolicy(style []byte) string {
	sum := sha256.Sum256(style)
	return "default-src 'none'; style-src 'sha256-" + base64Std(sum[:]) + "'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
}

// guard sets the headers that every answer carries and bounds how long a
// request may take.
func (a *API) guard(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if strings.HasPrefix(c.Request().URL.Path, "/epcis/") {
			setVersionHeaders(h)
		}
		if err := checkQuery(c.Request().URL); err != nil {
			return err
		}
		limit := a.limits.RequestTimeout
		if c.Request().Method == http.MethodPost {
			limit += a.limits.EventWait
		}
		ctx, cancel := context.WithTimeout(c.Request().Context(), limit)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// checkQuery refuses a question that does not parse as a whole: net/url leaves out
// what it cannot read, and a filter that was left out would answer everything. In a
// Digital Link a semicolon may separate attributes, which no page reads.
func checkQuery(u *url.URL) error {
	if !strings.HasPrefix(u.Path, "/epcis/") && !strings.HasPrefix(u.Path, "/v1/") {
		return nil
	}
	_, err := url.ParseQuery(u.RawQuery)
	if err == nil {
		return nil
	}
	f := fail(reasonQueryParameter, "the query of the URL does not parse: %v", err)
	f.next = "In a URL the sign ; is written %3B, the sign % is written %25."
	return f
}

// headAsGet answers HEAD wherever GET is answered. The server knows the
// original request and drops the body.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			get := *r
			get.Method = http.MethodGet
			r = &get
		}
		next.ServeHTTP(w, r)
	})
}

// rateLimit bounds requests per API key, or per address where there is none.
// A key counts by its hash, so that the limiter's memory holds no secret.
func rateLimit(l Limits) echo.MiddlewareFunc {
	deny := func(echo.Context, string, error) error {
		return fail(reasonTooMany, "more than %v requests a second", l.RequestsPerSec)
	}
	return middleware.RateLimiterWithConfig(middleware.RateLimiterConfig{
		Store: middleware.NewRateLimiterMemoryStoreWithConfig(middleware.RateLimiterMemoryStoreConfig{
			Rate: rate.Limit(l.RequestsPerSec), Burst: l.Burst, ExpiresIn: 3 * time.Minute}),
		IdentifierExtractor: func(c echo.Context) (string, error) {
			if key := bearer(c.Request()); key != "" {
				sum := sha256.Sum256([]byte(key))
				return hex.EncodeToString(sum[:8]), nil
			}
			return c.RealIP(), nil
		},
		ErrorHandler: func(_ echo.Context, err error) error { return fmt.Errorf("limit the rate of requests: %w", err) },
		DenyHandler:  deny,
		Skipper: func(c echo.Context) bool {
			p := c.Request().URL.Path
			return p == "/healthz" || p == "/readyz"
		},
	})
}

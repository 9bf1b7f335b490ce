package api

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
)

// Config is what an API is made of.
type Config struct {
	Backend  Backend
	Keys     []APIKey
	Limits   Limits
	Logger   *slog.Logger         // nil discards
	Registry *prometheus.Registry // metrics are registered here and served from here; nil makes one
	Version  string               // of the binary

	// PublicMetrics serves /metrics without a key.
	PublicMetrics bool
}

// Scope is what an API key may do.
type Scope string

// The scopes. They do not include one another.
const (
	ScopeCapture Scope = "capture" // write records and follow their capture jobs
	ScopeQuery   Scope = "query"   // read the ledger
	ScopeAdmin   Scope = "admin"   // metrics and operation
)

// APIKey admits whoever presents a key with this hash.
type APIKey struct {
	Hash   [32]byte // SHA-256 of the key as presented
	Scopes []Scope
}

// Limits bound what one request may cost. Zero values mean the defaults.
type Limits struct {
	BodyBytes      int64         // of a request, after decompression; default 10 MiB
	CompressRatio  int64         // of a gzip body; default 100
	EventWait      time.Duration // how long POST /epcis/events waits for its receipt; default 30 s
	RequestTimeout time.Duration // of everything else; default 30 s
	Captures       int           // captures in work at the same time; default 64
	PerPage        int           // largest page of a query; default 1000
	ScanRecords    int           // records one query page may read; default 50,000
	TraceNodes     int           // of one trace answer; default 2,000
	TraceDepth     int           // default 32
	TraceTime      time.Duration // of one trace answer; default 2 s
	RequestsPerSec float64       // per API key, or per address without one; 0 means no limit
	Burst          int           // default twice RequestsPerSec
}

// API serves a node's HTTP surface.
type API struct {
	echo *echo.Echo
}

// New checks the configuration and builds the routes.
func New(c Config) (*API, error) {
	if c.Backend == nil {
		return nil, errors.New("api: no backend")
	}
	return &API{echo: echo.New()}, nil
}

// Handler is the API as an HTTP handler.
func (a *API) Handler() http.Handler { return a.echo }

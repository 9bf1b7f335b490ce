package api

import (
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/semaphore"

	"github.com/waymark-ledger/waymark/web"
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
	ScopeAdmin   Scope = "admin"   // metrics; with capture, governance in the organisation's name
)

// APIKey admits whoever presents a key with this hash.
type APIKey struct {
	Hash   [32]byte // SHA-256 of the key as presented; see [HashKey]
	Scopes []Scope
}

// Limits bound what one request may cost. Zero values mean the defaults.
type Limits struct {
	BodyBytes      int64         // of a request, after decompression; default 10 MiB
	CompressRatio  int64         // of a gzip body past its first MiB; default 100
	InWorkBytes    int64         // of all bodies being read and signed at one time; default 256 MiB
	EventWait      time.Duration // how long POST /epcis/events waits for its receipt; default 30 s
	RequestTimeout time.Duration // of everything but that wait; default 30 s
	PerPage        int           // largest page of a query; default 1000
	ScanRecords    int           // records one query page may read; default 50,000
	TraceNodes     int           // of one trace answer; default 2,000
	TraceDepth     int           // default 32
	TraceTime      time.Duration // of one trace answer or dossier; default 2 s
	DossierRecords int           // read for one dossier; default 5,000
	RequestsPerSec float64       // per API key, or per address without one; 0 means no limit
	Burst          int           // default twice RequestsPerSec
}

// withDefaults fills what is zero.
func (l Limits) withDefaults() Limits {
	def(&l.BodyBytes, 10<<20)
	def(&l.CompressRatio, 100)
	def(&l.InWorkBytes, 256<<20)
	def(&l.EventWait, 30*time.Second)
	def(&l.RequestTimeout, 30*time.Second)
	def(&l.PerPage, 1000)
	def(&l.ScanRecords, 50_000)
	def(&l.TraceNodes, 2000)
	def(&l.TraceDepth, 32)
	def(&l.TraceTime, 2*time.Second)
	def(&l.DossierRecords, 5000)
	def(&l.Burst, max(1, int(2*l.RequestsPerSec)))
	return l
}

func def[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// API serves a node's HTTP surface. It is safe for concurrent use and holds
// nothing that needs closing.
type API struct {
	backend  Backend
	keys     []APIKey
	limits   Limits
	log      *slog.Logger
	version  string
	now      clock
	echo     *echo.Echo
	inWork   *semaphore.Weighted // bytes of bodies in memory
	pages    map[*tongue]*template.Template
	tongues  []*tongue
	tongueOf func(echo.Context) *tongue
	policy   string // Content-Security-Policy of pages
	checking string // of the page that checks on the reader's device
	scripts  *scripts
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec

	// organisation is the id of the node's own organisation, asked once.
	organisation func() string
	// genesis is the network's genesis document, packed once.
	genesis func() (*lasting, error)
}

// New checks the configuration and builds the routes.
func New(c Config) (*API, error) {
	if c.Backend == nil {
		return nil, errors.New("api: no backend")
	}
	for _, k := range c.Keys {
		for _, s := range k.Scopes {
			if s != ScopeCapture && s != ScopeQuery && s != ScopeAdmin {
				return nil, fmt.Errorf("api: an API key has the unknown scope %q", s)
			}
		}
	}
	a := &API{backend: c.Backend, keys: c.Keys, limits: c.Limits.withDefaults(), log: c.Logger, version: c.Version, now: time.Now}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.limits.InWorkBytes < a.limits.BodyBytes {
		return nil, fmt.Errorf("api: room for %d bytes of bodies does not hold one of %d", a.limits.InWorkBytes, a.limits.BodyBytes)
	}
	a.inWork = semaphore.NewWeighted(a.limits.InWorkBytes)
	a.organisation = sync.OnceValue(func() string { return c.Backend.Status().Organisation })
	a.genesis = sync.OnceValues(func() (*lasting, error) {
		return newLasting("application/json", "public, no-cache", c.Backend.Genesis())
	})
	registry := c.Registry
	if registry == nil {
		registry = prometheus.NewRegistry()
	}
	if err := a.measure(registry); err != nil {
		return nil, err
	}
	var err error
	if a.scripts, err = packedScripts(); err != nil {
		return nil, err
	}
	if a.tongues, err = tongues(); err != nil {
		return nil, err
	}
	a.tongueOf = chooses(a.tongues)
	if a.pages, err = parsePages(a.scripts, a.tongues); err != nil {
		return nil, err
	}
	a.policy = contentPolicy([]byte(web.Style))
	a.checking = a.policy + "; " + checkingPolicy
	a.route(c, registry)
	return a, nil
}

func (a *API) measure(registry *prometheus.Registry) error {
	a.requests = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "waymark_http_requests_total",
		Help: "Requests answered, by route, method and status."}, []string{"route", "method", "code"})
	a.seconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "waymark_http_request_seconds",
		Help:    "How long answers took, by route.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .15, .25, .4, 1, 2.5, 10, 30}}, []string{"route"})
	for _, m := range []prometheus.Collector{a.requests, a.seconds} {
		if err := registry.Register(m); err != nil {
			return fmt.Errorf("api: register metrics: %w", err)
		}
	}
	return nil
}

// linkKeys are the GS1 keys whose Digital Link paths are pages: the primary
// keys of GS1 Digital Link that epcis.PathID reads, by their application
// identifiers and by the short names of the grammar's version 1.2, which labels
// that were printed once still carry.
func linkKeys() []string {
	return []string{"00", "01", "253", "255", "401", "402", "414", "415", "417", "8003", "8004", "8006", "8010", "8013", "8017", "8018",
		"sscc", "gtin", "gdti", "gcn", "ginc", "gsin", "gln", "payTo", "party", "grai", "giai", "itip", "cpid", "gmn", "gsrnp", "gsrn"}
}

// route is the whole surface. /openapi.json says the same; a test compares.
func (a *API) route(c Config, registry *prometheus.Registry) {
	e := echo.New()
	a.echo = e
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = a.answerError
	e.IPExtractor = echo.ExtractIPDirect()
	e.Use(a.observe, a.guard)
	if c.Limits.RequestsPerSec > 0 {
		e.Use(rateLimit(a.limits))
	}
	capture, query := a.need(ScopeCapture), a.need(ScopeQuery)

	// Under /epcis and /v1 a parameter that a path does not take is refused, by takes or
	// by the handler that reads the others. Elsewhere it is let be: a Digital Link
	// carries attributes, and who probes a node or asks before a request of another
	// origin (OPTIONS) adds what it likes.
	e.POST("/epcis/capture", a.postCapture, capture, takes())
	e.GET("/epcis/capture/:captureID", a.getJob, capture, takes())
	e.POST("/epcis/events", a.postEvent, capture, takes())
	e.GET("/epcis/events", a.getEvents, query)
	e.GET("/epcis/events/*", a.getEvent, query, takes())
	e.OPTIONS("/epcis/capture", a.answerOptions("POST, OPTIONS"))
	e.OPTIONS("/epcis/capture/:captureID", a.answerOptions("GET, OPTIONS"))
	e.OPTIONS("/epcis/events", a.answerOptions("GET, POST, OPTIONS"))
	e.OPTIONS("/epcis/events/*", a.answerOptions("GET, OPTIONS"))

	e.POST("/v1/envelopes", a.postEnvelope, capture, takes("wait"))
	e.GET("/v1/envelopes/:id", a.getEnvelope, a.need(ScopeQuery, ScopeCapture), takes())
	e.POST("/v1/records", a.postRecords, capture, takes("kind"))
	e.POST("/v1/simulate", a.postSimulate, capture)
	e.GET("/v1/records/:seq", a.getRecord, query, takes())
	e.GET("/v1/explain/:seq", a.getExplain, query, takes())
	e.GET("/v1/blocks/:height", a.getBlock, query, takes())
	e.GET("/v1/certificates/*", a.getCertificate, query, takes())
	e.GET("/v1/trace", a.getTrace, query)
	e.GET("/v1/dossier", a.getDossier, query)
	e.GET("/v1/cases", a.getCases, query)
	e.GET("/v1/alerts", a.getAlerts, query)
	e.GET("/v1/impact", a.getImpact, query)
	e.GET("/v1/checkpoint", a.getCheckpoint, query, takes())
	e.GET("/v1/proofs/consistency", a.getConsistency, takes("from", "to")) // public: hashes, for who keeps a checkpoint
	e.GET("/v1/genesis", a.getGenesis, takes())
	e.GET("/v1/status", a.getStatus, query, takes())
	e.GET("/v1/network", a.getNetwork, query, takes())
	e.GET("/v1/proposals", a.getProposals, query)

	e.GET("/healthz", a.getHealth)
	e.GET("/readyz", a.getReady)
	e.GET("/openapi.json", a.getOpenAPI)
	metrics := echo.WrapHandler(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	if c.PublicMetrics {
		e.GET("/metrics", metrics)
	} else {
		e.GET("/metrics", metrics, a.need(ScopeAdmin))
	}

	e.GET("/", a.getStart)
	e.GET("/trace", a.getTracePage)
	e.GET("/assets/:hash/:file", a.getAsset)
	for _, key := range linkKeys() {
		e.GET("/"+key+"/*", a.getLink)
	}
}

// Handler is the API as an HTTP handler.
func (a *API) Handler() http.Handler { return headAsGet(a.echo) }

// maxHeaderBytes of a request's line and headers: room for a query's URL (maxURIBytes).
const maxHeaderBytes = 64 << 10

// Server is an HTTP server for the API with timeouts that leave room for its
// longest answers. The caller listens, serves and shuts down.
func (a *API) Server() *http.Server {
	longest := a.limits.RequestTimeout + a.limits.EventWait + 10*time.Second
	return &http.Server{Handler: a.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: longest, WriteTimeout: longest,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug)}
}

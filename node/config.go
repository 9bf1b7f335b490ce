package node

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/multiformats/go-multiaddr"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/identity"
)

// Config is everything an operator can set, in one place. Each value comes
// from the first of these that names it: a flag, an environment variable
// (WAYMARK_API_LISTEN for api.listen), HOME/config.toml, the default. The
// sample configuration file is generated from the doc tags.
type Config struct {
	// Home is the node's directory. It is no key of the file inside it.
	Home string `toml:"-"`

	Name string `toml:"name" doc:"A name for people and logs. It identifies nothing."`

	API       APIConfig       `toml:"api" doc:"The HTTP API: EPCIS 2.0, /v1, Digital Link pages."`
	P2P       P2PConfig       `toml:"p2p" doc:"The libp2p network that carries what members record."`
	Consensus ConsensusConfig `toml:"consensus" doc:"CometBFT's own network and its pace. Votes and blocks travel here."`
	Pool      PoolConfig      `toml:"pool" doc:"What waits for a block."`
	Storage   StorageConfig   `toml:"storage" doc:"Disk and memory."`
	Signer    SignerConfig    `toml:"signer" doc:"The organisation's operating key, with which this node signs what it captures."`
	Log       LogConfig       `toml:"log" doc:"Logging, to standard error."`
}

// APIConfig is the HTTP edge.
type APIConfig struct {
	Listen        string   `toml:"listen" doc:"host:port the API listens on. Port 0 picks a free one."`
	Keys          []APIKey `toml:"keys" doc:"API keys, each \"name:sha256 of the key in hex:scope+scope\". Scopes: capture, query, admin. The key itself is kept nowhere."`
	MaxBodyBytes  int64    `toml:"max_body_bytes" doc:"Largest request body in bytes; a bigger one is refused with 413."`
	BodiesBytes   int64    `toml:"bodies_bytes" doc:"Most bytes of all request bodies that are in work at one time; who comes then waits, or is answered 503."`
	PublicMetrics bool     `toml:"public_metrics" doc:"Serve /metrics without a key."`
	WaitSeconds   int      `toml:"wait_seconds" doc:"How long POST /epcis/events waits for the commit before it answers 202, in seconds."`
	DrainTimeout  Duration `toml:"drain_timeout" doc:"How long open requests may take to finish when the node stops."`

	RequestTimeout    Duration `toml:"request_timeout" doc:"How long any request may take, the wait for a commit apart."`
	RequestsPerSecond int      `toml:"requests_per_second" doc:"Requests a second of one API key, or of one address without a key; 0 sets no limit."`
	RequestBurst      int      `toml:"request_burst" doc:"Requests that may come at once before requests_per_second holds; 0 is twice as many as those."`
	CompressionRatio  int64    `toml:"compression_ratio" doc:"How many times larger than its gzip form a body may be, past its first MiB."`
	PageEvents        int      `toml:"page_events" doc:"Most events on one page of a query."`
	PageReads         int      `toml:"page_reads" doc:"Most records one page of a query may read; then it links on."`
	TraceNodes        int      `toml:"trace_nodes" doc:"Most things in one answer of a trace; then it carries a continuation."`
	TraceDepth        int      `toml:"trace_depth" doc:"Most transformations and nested containers that a trace follows."`
	TraceTime         Duration `toml:"trace_time" doc:"How long one answer of a trace may take; then it carries a continuation."`
	DossierRecords    int      `toml:"dossier_records" doc:"Most records that one dossier is made of; then it names what is left, which a next one proves."`
	ProofWait         Duration `toml:"proof_wait" doc:"How long a proof waits for the block that carries the newest state; then it is of the state before."`
	ContinuationTime  Duration `toml:"continuation_time" doc:"How long the next part of a dossier is read from the same state as the part before."`
}

// limits are the bounds of the API as it takes them.
func (c *APIConfig) limits() api.Limits {
	return api.Limits{
		BodyBytes: c.MaxBodyBytes, InWorkBytes: c.BodiesBytes, CompressRatio: c.CompressionRatio, EventWait: time.Duration(c.WaitSeconds) * time.Second,
		RequestTimeout: c.RequestTimeout.Duration, RequestsPerSec: float64(c.RequestsPerSecond), Burst: c.RequestBurst,
		PerPage: c.PageEvents, ScanRecords: c.PageReads,
		TraceNodes: c.TraceNodes, TraceDepth: c.TraceDepth, TraceTime: c.TraceTime.Duration, DossierRecords: c.DossierRecords,
	}
}

// P2PConfig is the libp2p host.
type P2PConfig struct {
	Listen       []string `toml:"listen" doc:"Multiaddresses to listen on."`
	Announce     []string `toml:"announce" doc:"Multiaddresses to announce instead of those listened on."`
	Peers        []string `toml:"peers" doc:"Multiaddresses, ending in /p2p/ID, of the members' nodes to stay connected to. They pass the membership gate while this node still syncs."`
	MDNS         bool     `toml:"mdns" doc:"Look for members' nodes on the local network, too, by multicast DNS. They pass the membership gate; consensus.peers are named all the same."`
	RetryOutbox  Duration `toml:"retry_outbox" doc:"How often what is not committed yet is gossiped again: less often while commits take longer."`
	CaptureValid Duration `toml:"capture_valid" doc:"How long a captured record may wait for its block: notAfter of the envelopes this node signs."`
	MaxPeers     int      `toml:"max_peers" doc:"Peers to be connected to at most: when there are a quarter more, connections are closed down to that."`
	QueueBytes   int64    `toml:"queue_bytes" doc:"Most bytes that wait to be gossiped; what is past them goes with the next retry_outbox."`

	OutboxEnvelopes int   `toml:"outbox_envelopes" doc:"Most envelopes that wait on this disk to be committed; then capture is answered 503."`
	OutboxBytes     int64 `toml:"outbox_bytes" doc:"Most bytes of them."`
	OutboxJobs      int   `toml:"outbox_jobs" doc:"Capture jobs that are kept to be asked for; of more, the oldest are forgotten. Their records are not."`
}

// ConsensusConfig is the engine.
type ConsensusConfig struct {
	Listen           string   `toml:"listen" doc:"host:port CometBFT's p2p listens on."`
	ExternalAddress  string   `toml:"external_address" doc:"host:port announced to peers; empty announces listen."`
	Peers            []string `toml:"peers" doc:"The other nodes, each \"nodeid@host:port\"."`
	Heartbeat        Duration `toml:"heartbeat" doc:"An idle network writes one empty block in this time, which keeps \"as of\" fresh."`
	TimeoutPropose   Duration `toml:"timeout_propose" doc:"How long to wait for the proposer before the next one is asked."`
	TimeoutVote      Duration `toml:"timeout_vote" doc:"How long to wait for stragglers once two thirds have voted for anything."`
	TimeoutCommit    Duration `toml:"timeout_commit" doc:"Pause after a block, in which small blocks gather into larger ones."`
	DialPeriod       Duration `toml:"dial_period" doc:"How often a configured peer that is not connected is dialled."`
	DeadLink         Duration `toml:"dead_link" doc:"A peer that has sent nothing for this long is disconnected and dialled anew."`
	StallWarning     Duration `toml:"stall_warning" doc:"A warning is logged when records wait and the height has not moved for this long."`
	MaxInboundPeers  int      `toml:"max_inbound_peers" doc:"Most inbound connections of CometBFT's p2p."`
	RetainBlocks     int64    `toml:"retain_blocks" doc:"How many of the last blocks to keep for peers that catch up; 0 keeps all."`
	MetricsNamespace string   `toml:"metrics_namespace" doc:"Prefix of the engine's Prometheus metrics."`
}

// PoolConfig bounds what waits for a block.
type PoolConfig struct {
	Envelopes   int   `toml:"envelopes" doc:"Most envelopes that wait for a block."`
	Bytes       int64 `toml:"bytes" doc:"Most bytes that wait for a block."`
	MemberShare int   `toml:"member_share" doc:"Percent of the pool that one organisation may fill."`
	CacheBytes  int64 `toml:"cache_bytes" doc:"Memory for envelopes already checked, so that consensus does not check them again."`
}

// StorageConfig is disk and memory.
type StorageConfig struct {
	LedgerCacheBytes int64 `toml:"ledger_cache_bytes" doc:"Block cache of the ledger's store; a quarter as much again holds records that were read, a sixteenth pages of the authenticated map that proofs passed."`
	LedgerMapBytes   int64 `toml:"ledger_map_bytes" doc:"Memory for the authenticated map: its pages and leaves, and in what they leave of it, rows of keys. It is taken as the ledger grows: 256 MiB spare a ledger of a million keys most reads of its store. 0 is an eighth of the machine's memory, or of GOMEMLIMIT if that is less (set it in a container), but 256 MiB at least and 4 GiB at most."`
	EngineCacheBytes int64 `toml:"engine_cache_bytes" doc:"Block cache of CometBFT's stores."`
	GCPercent        int   `toml:"gc_percent" doc:"How much the heap may grow before Go collects garbage, in percent of what is live. More collects less often, but all of it is memory touched for the first time, whose page faults can cost more than the collections. 0 leaves Go's own setting (GOGC, else 100)."`
	MinFreePercent   int   `toml:"min_free_percent" doc:"Capture is refused while less than this share of the disk is free, and less than min_free_bytes. 0 never refuses it."`
	MinFreeBytes     int64 `toml:"min_free_bytes" doc:"What is room enough on any disk, whatever its share. 0 leaves it to the share alone."`
}

// SignerConfig says which key signs.
type SignerConfig struct {
	Keystore       string `toml:"keystore" doc:"Directory of Web3 Secret Storage key files; relative to the home."`
	PassphraseFile string `toml:"passphrase_file" doc:"File with the passphrase (mode 0600); relative to the home."`
	Address        string `toml:"address" doc:"Address of the key that signs. Empty: the only key in the keystore. A keystore without keys makes a node that captures nothing itself."`
}

// LogConfig is logging.
type LogConfig struct {
	Level  string `toml:"level" doc:"debug, info, warn or error."`
	Engine string `toml:"engine" doc:"The same for CometBFT's own messages."`
	Format string `toml:"format" doc:"text or json."`
}

// DefaultConfig is the configuration of a node alone on this machine.
func DefaultConfig(home string) Config {
	return Config{
		Home: home,
		Name: "waymark",
		API: APIConfig{
			Listen:       "127.0.0.1:8080",
			MaxBodyBytes: 10 << 20,
			BodiesBytes:  256 << 20,
			WaitSeconds:  30,
			DrainTimeout: Duration{10 * time.Second},

			RequestTimeout:   Duration{30 * time.Second},
			CompressionRatio: 100,
			PageEvents:       1000,
			PageReads:        50_000,
			TraceNodes:       2000,
			TraceDepth:       32,
			TraceTime:        Duration{2 * time.Second},
			DossierRecords:   5000,
			ProofWait:        Duration{500 * time.Millisecond},
			ContinuationTime: Duration{2 * time.Minute},
		},
		P2P: P2PConfig{
			Listen:       []string{"/ip4/127.0.0.1/tcp/4001"},
			RetryOutbox:  Duration{3 * time.Second},
			CaptureValid: Duration{24 * time.Hour},
			MaxPeers:     64,
			QueueBytes:   16 << 20,

			OutboxEnvelopes: 200_000,
			OutboxBytes:     1 << 30,
			OutboxJobs:      10_000,
		},
		Consensus: ConsensusConfig{
			Listen:           "127.0.0.1:26656",
			Heartbeat:        Duration{30 * time.Second},
			TimeoutPropose:   Duration{1500 * time.Millisecond},
			TimeoutVote:      Duration{500 * time.Millisecond},
			TimeoutCommit:    Duration{10 * time.Millisecond},
			DialPeriod:       Duration{time.Second},
			DeadLink:         Duration{5 * time.Second},
			StallWarning:     Duration{15 * time.Second},
			MaxInboundPeers:  64,
			MetricsNamespace: "waymark_engine",
		},
		Pool: PoolConfig{
			Envelopes:   20000,
			Bytes:       256 << 20,
			MemberShare: 50,
			CacheBytes:  128 << 20,
		},
		Storage: StorageConfig{
			LedgerCacheBytes: 128 << 20,
			LedgerMapBytes:   0,
			EngineCacheBytes: 16 << 20,
			GCPercent:        100,
			MinFreePercent:   10,
			MinFreeBytes:     8 << 30,
		},
		Signer: SignerConfig{
			Keystore:       "keys/keystore",
			PassphraseFile: "keys/passphrase",
		},
		Log: LogConfig{Level: "info", Engine: "warn", Format: "text"},
	}
}

// Validate returns every mistake at once, joined.
func (c *Config) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", key, fmt.Sprintf(format, args...)))
	}
	if c.Home == "" {
		bad("home", "is empty")
	}
	hostPort := func(key, v string, optional bool) {
		if v == "" && optional {
			return
		}
		if _, port, err := net.SplitHostPort(v); err != nil || port == "" {
			bad(key, "%q is not host:port", v)
		}
	}
	hostPort("api.listen", c.API.Listen, false)
	hostPort("consensus.listen", c.Consensus.Listen, false)
	hostPort("consensus.external_address", c.Consensus.ExternalAddress, true)
	for _, p := range c.Consensus.Peers {
		id, addr, ok := strings.Cut(p, "@")
		if raw, err := hex.DecodeString(id); !ok || err != nil || len(raw) != 20 {
			bad("consensus.peers", "%q does not begin with a node id of 40 hex digits and @", p)
			continue
		}
		hostPort("consensus.peers", addr, false)
	}
	multiaddrs := func(key string, list []string, needsPeer bool) {
		for _, a := range list {
			m, err := multiaddr.NewMultiaddr(a)
			if err != nil {
				bad(key, "%q is not a multiaddress: %v", a, err)
				continue
			}
			if _, err := m.ValueForProtocol(multiaddr.P_P2P); needsPeer && err != nil {
				bad(key, "%q does not end in /p2p/ID", a)
			}
		}
	}
	if len(c.P2P.Listen) == 0 {
		bad("p2p.listen", "names no address")
	}
	multiaddrs("p2p.listen", c.P2P.Listen, false)
	multiaddrs("p2p.announce", c.P2P.Announce, false)
	multiaddrs("p2p.peers", c.P2P.Peers, true)
	for _, k := range c.API.Keys {
		if raw, err := hex.DecodeString(k.Hash); err != nil || len(raw) != 32 {
			bad("api.keys", "the hash of %q is not 64 hex digits", k.Name)
		}
		for _, s := range k.Scopes {
			if !slices.Contains([]string{"capture", "query", "admin"}, s) {
				bad("api.keys", "%q has the unknown scope %q", k.Name, s)
			}
		}
	}
	between := func(key string, v, low, high int64) {
		if v < low || v > high {
			bad(key, "%d is not between %d and %d", v, low, high)
		}
	}
	between("api.max_body_bytes", c.API.MaxBodyBytes, 1<<10, 1<<30)
	between("api.bodies_bytes", c.API.BodiesBytes, 1<<10, 1<<40)
	if c.API.BodiesBytes < c.API.MaxBodyBytes {
		bad("api.bodies_bytes", "%d is less than one body may have (api.max_body_bytes, %d)", c.API.BodiesBytes, c.API.MaxBodyBytes)
	}
	between("api.request_burst", int64(c.API.RequestBurst), 0, 1_000_000)
	between("p2p.max_peers", int64(c.P2P.MaxPeers), 1, 10_000)
	between("p2p.queue_bytes", c.P2P.QueueBytes, identity.MaxEnvelopeBytes, 1<<40)
	between("p2p.outbox_envelopes", int64(c.P2P.OutboxEnvelopes), 1, 100_000_000)
	between("p2p.outbox_bytes", c.P2P.OutboxBytes, identity.MaxEnvelopeBytes, 1<<50)
	between("p2p.outbox_jobs", int64(c.P2P.OutboxJobs), 1, 100_000_000)
	between("api.wait_seconds", int64(c.API.WaitSeconds), 1, 600)
	between("api.requests_per_second", int64(c.API.RequestsPerSecond), 0, 1_000_000)
	between("api.compression_ratio", c.API.CompressionRatio, 1, 10_000)
	between("api.page_events", int64(c.API.PageEvents), 1, 100_000)
	between("api.page_reads", int64(c.API.PageReads), 1, 100_000_000)
	between("api.trace_nodes", int64(c.API.TraceNodes), 1, 1_000_000)
	between("api.dossier_records", int64(c.API.DossierRecords), 1, 1_000_000)
	between("api.trace_depth", int64(c.API.TraceDepth), 1, 1000)
	between("consensus.max_inbound_peers", int64(c.Consensus.MaxInboundPeers), 1, 10000)
	between("consensus.retain_blocks", c.Consensus.RetainBlocks, 0, 1<<62)
	between("pool.envelopes", int64(c.Pool.Envelopes), 1, 10_000_000)
	between("pool.bytes", c.Pool.Bytes, 2<<20, 1<<40)
	between("pool.member_share", int64(c.Pool.MemberShare), 1, 100)
	between("pool.cache_bytes", c.Pool.CacheBytes, 1<<20, 1<<40)
	between("storage.ledger_cache_bytes", c.Storage.LedgerCacheBytes, 1<<20, 1<<40)
	if c.Storage.LedgerMapBytes != 0 {
		between("storage.ledger_map_bytes", c.Storage.LedgerMapBytes, 1<<20, 1<<40)
	}
	between("storage.engine_cache_bytes", c.Storage.EngineCacheBytes, 1<<20, 1<<40)
	between("storage.gc_percent", int64(c.Storage.GCPercent), 0, 10_000)
	between("storage.min_free_percent", int64(c.Storage.MinFreePercent), 0, 90)
	between("storage.min_free_bytes", c.Storage.MinFreeBytes, 0, 1<<50)
	span := func(key string, d Duration, low, high time.Duration) {
		if d.Duration < low || d.Duration > high {
			bad(key, "%v is not between %v and %v", d.Duration, low, high)
		}
	}
	span("api.drain_timeout", c.API.DrainTimeout, 0, 10*time.Minute)
	span("api.request_timeout", c.API.RequestTimeout, time.Second, time.Hour)
	span("api.trace_time", c.API.TraceTime, 10*time.Millisecond, time.Hour)
	span("api.proof_wait", c.API.ProofWait, 0, time.Minute)
	span("api.continuation_time", c.API.ContinuationTime, 0, time.Hour)
	span("p2p.retry_outbox", c.P2P.RetryOutbox, 100*time.Millisecond, time.Hour)
	span("p2p.capture_valid", c.P2P.CaptureValid, time.Minute, 7*24*time.Hour)
	span("consensus.heartbeat", c.Consensus.Heartbeat, 100*time.Millisecond, time.Hour)
	span("consensus.timeout_propose", c.Consensus.TimeoutPropose, 10*time.Millisecond, time.Minute)
	span("consensus.timeout_vote", c.Consensus.TimeoutVote, 10*time.Millisecond, time.Minute)
	span("consensus.timeout_commit", c.Consensus.TimeoutCommit, 0, time.Minute)
	span("consensus.dial_period", c.Consensus.DialPeriod, 100*time.Millisecond, time.Hour)
	span("consensus.dead_link", c.Consensus.DeadLink, time.Second, time.Hour)
	span("consensus.stall_warning", c.Consensus.StallWarning, time.Second, 24*time.Hour)
	levels := []string{"debug", "info", "warn", "error"}
	if !slices.Contains(levels, c.Log.Level) {
		bad("log.level", "%q is not one of %s", c.Log.Level, strings.Join(levels, ", "))
	}
	if !slices.Contains(levels, c.Log.Engine) {
		bad("log.engine", "%q is not one of %s", c.Log.Engine, strings.Join(levels, ", "))
	}
	if c.Log.Format != "text" && c.Log.Format != "json" {
		bad("log.format", "%q is neither text nor json", c.Log.Format)
	}
	return errors.Join(errs...)
}

// path resolves a configured path against the home.
func (c *Config) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(c.Home, p)
}

// The files of a home. Everything secret is under keys, everything that grows
// under data.
func (c *Config) configFile() string    { return c.path("config.toml") }
func (c *Config) genesisFile() string   { return c.path("genesis.json") }
func (c *Config) p2pKeyFile() string    { return c.path("keys/p2p.key") }
func (c *Config) nodeKeyFile() string   { return c.path("keys/node_key.json") }
func (c *Config) validatorFile() string { return c.path("keys/priv_validator_key.json") }
func (c *Config) validatorState() string {
	return c.path("data/priv_validator_state.json")
}
func (c *Config) ledgerDir() string { return c.path("data/ledger") }
func (c *Config) engineDir() string { return c.path("data/engine") }
func (c *Config) outboxDir() string { return c.path("data/outbox") }
func (c *Config) lockFile() string  { return c.path("data/lock") }

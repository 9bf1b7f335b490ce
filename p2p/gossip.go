package p2p

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/waymark-ledger/waymark/identity"
)

// The thresholds of a peer's score. A rejected message costs 10 times the
// square of their count, so the third one graylists its sender: nothing it
// sends is looked at until three have become two, ten minutes later.
const (
	gossipScore   = -20
	publishScore  = -40
	graylistScore = -40
	scoreMemory   = 10 * time.Minute // and reconnecting does not help
)

// Messages that wait for validation, for delivery, and for each peer. The
// product with a batch's bytes bounds their memory.
const (
	validateQueue = 256
	deliverQueue  = 256
	peerQueue     = 256
)

// topicName is the topic of a network's envelopes.
func topicName(n identity.Network) string {
	return "waymark/2/" + hex.EncodeToString(n[:])[:16] + "/envelopes"
}

// gossip is the envelope topic of one host.
type gossip struct {
	self     peer.ID
	topic    *pubsub.Topic
	events   *pubsub.TopicEventHandler
	validate func(context.Context, []byte) (Decision, func())
	metrics  *metrics
	logger   *slog.Logger

	// accepted carries the deliveries of validated messages to the one goroutine
	// that makes them, so that a slow receiver does not hold up forwarding.
	accepted chan []func()
}

// newGossip starts gossipsub on a host; ctx ends it. The overlay is lazy: the
// author of a message sends it to every peer; receivers announce it to those
// that may have missed it (IHAVE, each heartbeat) and forward it when asked. In
// a network where most members are linked to most others each message so
// crosses each link about once. An eager mesh of the same four hosts took 25 to
// 30 % more processor time, most of it for copies and for IDONTWANT, which
// tries to prevent them. The price: a member that its author cannot reach gets
// the message up to a heartbeat later, through another.
func newGossip(ctx context.Context, h host.Host, c Config, m *metrics, scores func(map[peer.ID]float64)) (*gossip, error) {
	g := &gossip{
		self: h.ID(), validate: c.Validate, metrics: m, logger: c.Logger,
		accepted: make(chan []func(), deliverQueue),
	}
	name := topicName(c.Network)

	params := pubsub.DefaultGossipSubParams()
	params.D, params.Dlo, params.Dhi, params.Dout, params.Dscore = 0, 0, 0, 0, 0
	params.Dlazy = 8
	params.HeartbeatInterval = 500 * time.Millisecond
	params.HistoryLength, params.HistoryGossip = 12, 6 // heartbeats: kept 6 s, announced 3 s
	params.SlowHeartbeatWarning = 0.5

	ps, err := pubsub.NewGossipSub(ctx, h,
		// Authorship is the envelope's signature: the carrier needs none.
		pubsub.WithMessageSignaturePolicy(pubsub.StrictNoSign),
		pubsub.WithMessageIdFn(messageID),
		pubsub.WithSeenMessagesTTL(2*time.Minute),
		pubsub.WithMaxMessageSize(MaxMessageBytes+4096), // the RPC around the message
		pubsub.WithFloodPublish(true),
		pubsub.WithPeerExchange(false),
		pubsub.WithGossipSubParams(params),
		pubsub.WithPeerOutboundQueueSize(peerQueue),
		pubsub.WithValidateQueueSize(validateQueue),
		pubsub.WithValidateWorkers(runtime.GOMAXPROCS(0)),
		pubsub.WithSubscriptionFilter(pubsub.NewAllowlistSubscriptionFilter(name)),
		pubsub.WithPeerScore(scoreParams(name)),
		pubsub.WithPeerScoreInspect(scores, time.Second),
		pubsub.WithLogger(quietLogger(c.Logger)),
		pubsub.WithRPCLogger(slog.New(slog.DiscardHandler)),
		pubsub.WithRawTracer(&dropTracer{metrics: m}),
	)
	if err != nil {
		return nil, fmt.Errorf("start gossipsub: %w", err)
	}
	err = ps.RegisterTopicValidator(name, g.check, pubsub.WithValidatorInline(true))
	if err != nil {
		return nil, fmt.Errorf("register the validator: %w", err)
	}
	if g.topic, err = ps.Join(name); err != nil {
		return nil, fmt.Errorf("join the topic: %w", err)
	}
	if g.events, err = g.topic.EventHandler(); err != nil {
		return nil, fmt.Errorf("watch the topic: %w", err)
	}
	// A relay and not a subscription: messages are delivered by check, and a
	// subscription's channel would drop what its reader is late for.
	if _, err = g.topic.Relay(); err != nil {
		return nil, fmt.Errorf("relay the topic: %w", err)
	}
	return g, nil
}

// messageID is the SHA-256 of a message's full bytes: what differs in a
// signature or an attempt is another message.
func messageID(msg *pb.Message) string {
	sum := sha256.Sum256(msg.GetData())
	return string(sum[:])
}

func scoreParams(topic string) (*pubsub.PeerScoreParams, *pubsub.PeerScoreThresholds) {
	return &pubsub.PeerScoreParams{
			AppSpecificScore: func(peer.ID) float64 { return 0 },
			DecayInterval:    time.Second,
			DecayToZero:      0.01,
			RetainScore:      scoreMemory,
			// A promise to send what was announced is broken by full queues too, and by
			// the dozen while a node catches up under load: counting them would graylist
			// honest peers. Only members are heard, and gossipsub bounds announcements.
			BehaviourPenaltyWeight: 0, BehaviourPenaltyDecay: 0.9,
			Topics: map[string]*pubsub.TopicScoreParams{topic: {
				SkipAtomicValidation:           true,
				TopicWeight:                    1,
				TimeInMeshQuantum:              time.Second, // divided by whatever its weight, once a peer grafts us
				InvalidMessageDeliveriesWeight: -10,
				InvalidMessageDeliveriesDecay:  math.Pow(2.0/3, 1/scoreMemory.Seconds()), // each DecayInterval
			}},
		}, &pubsub.PeerScoreThresholds{
			GossipThreshold: gossipScore, PublishThreshold: publishScore, GraylistThreshold: graylistScore,
		}
}

// check is the topic's validator, called once for each new message. What it
// accepts it also hands to delivery: nothing is decoded again.
func (g *gossip) check(ctx context.Context, from peer.ID, msg *pubsub.Message) pubsub.ValidationResult {
	if from == g.self {
		return pubsub.ValidationAccept // the node judged what it publishes before it was signed or admitted
	}
	g.metrics.received.Inc()
	b, err := unpackBatch(msg.GetData())
	if err != nil {
		g.reject(from, err.Error())
		return pubsub.ValidationReject
	}
	accepted := make([]func(), 0, len(b.Wires))
	ignored := 0
	defer func() {
		g.metrics.wiresIn.WithLabelValues("accept").Add(float64(len(accepted)))
		g.metrics.wiresIn.WithLabelValues("ignore").Add(float64(ignored))
	}()
	for _, w := range b.Wires {
		if 2*len(w) < b.unpacked {
			w = bytes.Clone(w) // or one wire that waits long would keep the whole batch
		}
		switch decision, deliver := g.validate(ctx, w); decision {
		case Accept:
			accepted = append(accepted, deliver)
		case Reject:
			g.metrics.wiresIn.WithLabelValues("reject").Inc()
			g.reject(from, "an envelope that no honest node would send")
			return pubsub.ValidationReject
		default:
			ignored++
		}
	}
	if len(accepted) == 0 {
		return pubsub.ValidationIgnore
	}
	select {
	case g.accepted <- accepted:
		return pubsub.ValidationAccept
	case <-ctx.Done():
		return pubsub.ValidationIgnore
	}
}

func (g *gossip) reject(from peer.ID, reason string) {
	g.metrics.rejected.Inc()
	// At most three are logged before the sender is graylisted.
	g.logger.Warn("message rejected", "peer", from.String(), "reason", reason)
}

// runDelivery delivers what was accepted, in that order, until ctx ends.
func (g *gossip) runDelivery(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case deliveries := <-g.accepted:
			for _, deliver := range deliveries {
				deliver()
			}
		}
	}
}

// send publishes one batch.
func (g *gossip) send(ctx context.Context, b *batch) {
	data, err := b.pack()
	if err == nil {
		err = g.topic.Publish(ctx, data)
	}
	if err != nil {
		if ctx.Err() == nil {
			g.logger.Error("message not published", "err", err)
		}
		return
	}
	g.metrics.sent.Inc()
	g.metrics.wiresOut.Add(float64(len(b.Wires)))
	g.metrics.batchBytes.Observe(float64(len(data)))
}

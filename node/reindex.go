package node

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/trace"
)

// reindex makes the indexes of a ledger again that an older version kept. It stops with
// ctx, and the next start goes on from there.
func reindex(ctx context.Context, l *ledger.Ledger, network identity.Network, log *slog.Logger) error {
	if !l.Outdated() {
		return nil
	}
	roots := l.Roots()
	log.Info("the indexes were kept by an older version and are made again; the next start goes on if this one is stopped", "records", roots.LogSize)
	s := l.Snapshot()
	defer s.Close()
	court := contracts.First().Convene(s, contracts.Block{Network: network, Height: roots.Height, Time: epcis.InstantFromUnixNano(roots.Time)})
	began := time.Now()
	told := began
	err := l.Reindex(ctx, ledger.Refiling{
		Record: func(r *trace.Recorded) (trace.Forward, error) {
			record, err := epcis.Decode(r.Kind, r.Bytes)
			if err != nil {
				return trace.Forward{}, fmt.Errorf("it was accepted and does not decode: %w", err)
			}
			if err := standsIn(s, r.Seq, record); err != nil {
				return trace.Forward{}, err
			}
			return court.Refile(contracts.Position{Seq: r.Seq, Kind: r.Kind}, r.Organisation, record)
		},
		State: contracts.RefileState,
		Progress: func(what string, done, of uint64) {
			if now := time.Now(); now.Sub(told) >= 5*time.Second {
				told = now
				log.Info("the indexes are being made again", "from", what, "percent", done*100/max(of, 1))
			}
		},
	})
	if err == nil {
		log.Info("the indexes are made again", "took", time.Since(began).Round(time.Millisecond).String())
	}
	return err
}

// standsIn fails where a record is not in the history of something that it touches. The
// network has agreed on histories without it: journeys would leave it out, and prove that
// they are complete.
func standsIn(s trace.Reader, seq uint64, record *epcis.Record) error {
	for _, k := range trace.Touches(record) {
		seqs, err := s.History(k, seq, 1)
		if err != nil {
			return err
		}
		if len(seqs) == 0 || seqs[0] != seq {
			return fmt.Errorf("it is not in the history of %s %s, which an older version did not keep: answers of this version would not be complete; "+
				"run the version that made this ledger, or begin the network anew with this one", k.NS, k.ID)
		}
	}
	return nil
}

package node

import (
	"context"
	"fmt"
	"time"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// Simulate judges records as a block made now on the last committed state would.
// It reads one snapshot and writes to memory of its own, which goes with it. set are
// parameters to judge with instead of the network's.
func (n *Node) Simulate(ctx context.Context, signer *identity.Address, set map[string]string, parts []api.Part) (*api.Simulation, error) {
	select {
	case <-n.stopping:
		return nil, api.ErrStopping
	default:
	}
	if signer == nil {
		if n.key == nil {
			return nil, api.ErrReadOnly
		}
		own := n.key.Address()
		signer = &own
	}
	s := n.ledger.Snapshot()
	defer s.Close()
	standing, err := readSigner(s, *signer)
	if err != nil {
		return nil, err
	}
	if standing.code != CodeAdmitted {
		return nil, &api.EnvelopeError{Reason: standing.code.String(), Next: standing.code.next()}
	}
	roots := s.Roots()
	governed := n.app.governed.Load()
	judging, err := governed.judging(roots.Height + 1)
	if err != nil {
		return nil, &api.EnvelopeError{Reason: err.Error(), Next: "Ask a node of the release that it names."}
	}
	// Block time moves on with each block, and a block made now would be of now.
	at := epcis.InstantFromUnixNano(max(time.Now().UnixNano(), roots.Time+1))
	out := &api.Simulation{Roots: roots, Time: at, Signer: *signer, Organisation: standing.organisation}
	d := newDraft(s, roots.LogSize, 0)
	if len(set) > 0 {
		proposed, err := amended(governed.parameters, set)
		if err != nil {
			return nil, fmt.Errorf("simulate: %w", err)
		}
		d.set(trace.ParametersKey(), proposed.Encode())
	}
	court := judging.Convene(d, contracts.Block{
		Network: n.app.fixed.network, Height: roots.Height + 1, Time: at, Founding: n.app.founding,
	}).HoldToDeclarations()
	for _, part := range parts {
		if !part.Kind.Known() {
			return nil, &api.EnvelopeError{Reason: CodeUnknownKind.String(), Next: CodeUnknownKind.next()}
		}
		for _, bundle := range identity.Bundles(part.Records) {
			findings, err := n.simulate(ctx, court, d, *signer, part.Kind, bundle)
			if err != nil {
				return nil, err
			}
			out.Findings = append(out.Findings, findings...)
		}
	}
	return out, nil
}

// simulate judges the records of one envelope, which nobody signs.
func (n *Node) simulate(ctx context.Context, court *contracts.Court, d *draft, signer identity.Address, kind epcis.Kind, records [][]byte) ([][]trace.Finding, error) {
	env := identity.NewEnvelope(n.app.fixed.network, string(kind), signer, 0, records)
	if _, err := env.Encode(); err != nil {
		return nil, fmt.Errorf("simulate records: %w", err)
	}
	id, hashes := env.ID(), env.RecordHashes()
	var decoder epcis.Decoder
	findings := make([][]trace.Finding, len(records))
	for i, raw := range records {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := contracts.Position{Seq: d.next, Envelope: id, Index: uint32(i), Kind: kind, Signer: signer, Record: hashes[i]}
		v, _, err := hear(court, &decoder, p, raw)
		if err != nil {
			return nil, fmt.Errorf("simulate record %d: %w", i, err)
		}
		d.append(p, v)
		findings[i] = v.Findings
	}
	return findings, nil
}

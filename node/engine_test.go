package node

import "testing"

// A node tells the address that it announces: one behind a firewall listens elsewhere.
func TestAnnouncedAddress(t *testing.T) {
	c := DefaultConfig("")
	c.Consensus.Listen = "0.0.0.0:26656"
	e := &engine{nodeID: "4aa4"}
	if got := e.announced(&c); got != "4aa4@0.0.0.0:26656" {
		t.Errorf("without an external address %s", got)
	}
	c.Consensus.ExternalAddress = "node.example:26656"
	if got := e.announced(&c); got != "4aa4@node.example:26656" {
		t.Errorf("with an external address %s", got)
	}
}

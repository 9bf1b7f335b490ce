package client

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/waymark-ledger/waymark/trace"
)

// Problem is a refusal of the node (RFC 9457).
type Problem struct {
	Status   int             `json:"status,omitempty"`
	Type     string          `json:"type"`
	Title    string          `json:"title"`
	Detail   string          `json:"detail,omitempty"`
	Instance string          `json:"instance,omitempty"` // names the request in the node's log
	Next     string          `json:"next,omitempty"`     // what to do now
	Errors   []Place         `json:"errors,omitempty"`   // of a document that does not validate
	Seq      *uint64         `json:"seq,omitempty"`      // of a refused record
	Verdicts []trace.Finding `json:"verdicts,omitempty"` // of a refused record
}

// Place is one thing wrong with a submitted document.
type Place struct {
	Pointer string `json:"pointer"` // JSON pointer (RFC 6901) into it
	Detail  string `json:"detail"`
}

func (p *Problem) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%d)", p.Title, p.Status)
	if p.Detail != "" {
		b.WriteString(": " + p.Detail)
	}
	for i, e := range p.Errors {
		if i == 5 {
			fmt.Fprintf(&b, "; and %d more", len(p.Errors)-i)
			break
		}
		fmt.Fprintf(&b, "; at %q: %s", e.Pointer, e.Detail)
	}
	if p.Next != "" {
		b.WriteString(". " + p.Next)
	}
	return b.String()
}

// problemOf reads a refusal; one that is no problem document keeps its status.
func problemOf(resp *http.Response, data []byte) error {
	p := new(Problem)
	if err := json.Unmarshal(data, p); err != nil || p.Title == "" {
		p = &Problem{Type: "about:blank", Title: http.StatusText(resp.StatusCode), Detail: strings.TrimSpace(string(data[:min(len(data), 200)]))}
	}
	if p.Status == 0 {
		p.Status = resp.StatusCode
	}
	return p
}

// hash reads 32 bytes of hex; what is no hash is the zero hash.
func hash(s string) (h [32]byte) {
	b, err := hex.DecodeString(strings.TrimPrefix(s, "0x"))
	if err == nil && len(b) == len(h) {
		copy(h[:], b)
	}
	return h
}

// Waymarkvet runs Waymark's own analyzers:
//
//	go build -o bin/waymarkvet ./internal/lint/waymarkvet
//	bin/waymarkvet ./...
//
// It is no tool of go vet, which has each of a thousand dependencies read for the
// facts that an analyzer could keep of it. Ours keeps none.
package main

import (
	"golang.org/x/tools/go/analysis/singlechecker"

	"github.com/waymark-ledger/waymark/internal/lint"
)

func main() { singlechecker.Main(lint.Determinism()) }

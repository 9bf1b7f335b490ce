// Waymarkvet is `go vet` with Waymark's own analyzers:
//
//	go build -o bin/waymarkvet ./internal/lint/waymarkvet
//	go vet -vettool=bin/waymarkvet ./...
package main

import (
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/waymark-ledger/waymark/internal/lint"
)

func main() { unitchecker.Main(lint.Determinism()) }

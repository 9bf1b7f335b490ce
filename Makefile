# One command each. Tools are pinned in tools/go.mod and built into bin/.

GO ?= go
# Histories that a random model draws, of `make models`.
CHECKS ?= 1000
# Runs, not seconds: at a deadline go test sometimes reports the deadline itself.
FUZZTIME ?= 20000x
# Empty to fuzz without coverage, for which every dependency is compiled once more.
FUZZBUILD ?= -fuzz .
PACKAGES = ./...

.PHONY: check test run format vet lint race models load powerloss fuzz bench vuln web web-check clean

## check: format, vet, own analyzers, staticcheck, and what has goroutines under the race detector; `make test` runs every test
check: format vet lint race

## test: the README's own test command
test:
	$(GO) test $(PACKAGES)

## run: the demo: four nodes and the coffee lane
run:
	$(GO) run ./cmd/waymark demo

format:
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "gofmt would change:"; echo "$$out"; exit 1; fi

vet: bin/waymarkvet
	$(GO) vet $(PACKAGES)
	bin/waymarkvet $(PACKAGES)

lint: bin/staticcheck
	bin/staticcheck $(PACKAGES)

## race: the tests of everything that has goroutines under the race detector (needs a C compiler). In the packages left out
## there are none: the linter refuses them, lanes, analyzers and the browser's verifier have none, and those of bench drive
## networks that are measured. -short leaves out what shows the race detector nothing: tests whose nodes are processes of
## their own, scripts of single commands. `make vet` vets. node, which takes the longest, begins first.
race:
	CGO_ENABLED=1 $(GO) test -race -vet=off -short -timeout 15m ./node $$($(GO) list $(PACKAGES) | grep -v -e /contracts$$ -e /epcis$$ \
		-e /identity$$ -e /proof$$ -e /trace$$ -e /web/verify$$ -e /testnet/lane$$ -e /internal/lint -e /bench$$)

## models: every random model, CHECKS histories each, drawn anew
models:
	$(GO) test -vet=off -timeout 60m $$(git grep -l pgregory.net/rapid -- '*_test.go' | xargs -n1 dirname | sort -u | sed 's,^,./,') -rapid.checks=$(CHECKS)

## load: 20,000 records of the lanes on four nodes, whose app hashes agree at every height
load:
	$(GO) test -vet=off ./testnet -run '^TestLanesUnderLoad$$' -containers 400 -count=1 -v

## powerloss: power that is lost at every sync of 300 histories (the tests lose it at one sync of most)
powerloss:
	$(GO) test -vet=off ./ledger -run 'TestPowerLossAtAnySync' -powerloss.every=300 -v

## fuzz: every fuzz target for FUZZTIME each
fuzz:
	@for p in $$(git grep -l '^func Fuzz' -- '*_test.go' | xargs -n1 dirname | sort -u); do \
		bin=$(CURDIR)/bin/fuzz/$$p.test; mkdir -p $$(dirname $$bin); \
		$(GO) test -c -vet=off -ldflags='-s -w' $(FUZZBUILD) -o $$bin ./$$p || exit 1; \
		for f in $$($$bin -test.list '^Fuzz'); do \
			echo "$$p $$f"; (cd $$p && $$bin -test.run '^$$' -test.fuzz "^$$f$$" -test.fuzztime $(FUZZTIME) \
				-test.fuzzminimizetime 1x -test.fuzzcachedir $$($(GO) env GOCACHE)/fuzz/$$p) || exit 1; \
		done; \
	done

## bench: compare with the engine's floor; see bench/RESULTS.md
bench:
	$(GO) run ./bench

## vuln: known vulnerabilities of what we depend on (needs the vulnerability database)
vuln: bin/govulncheck
	bin/govulncheck $(PACKAGES)

## web: build the browser's verifier again, web/verify/dist (needs Node.js and npm)
web: bin/webbuild web/verify/node_modules
	cd web/verify && node_modules/.bin/tsc -p .
	bin/webbuild web/verify

## web-check: its types, and that the committed module is what the sources give
web-check: bin/webbuild web/verify/node_modules
	cd web/verify && node_modules/.bin/tsc -p .
	bin/webbuild -check web/verify

web/verify/node_modules: web/verify/package-lock.json
	cd web/verify && npm ci --ignore-scripts --no-audit --no-fund
	touch $@

bin/waymarkvet: $(wildcard internal/lint/*.go internal/lint/waymarkvet/*.go)
	$(GO) build -o $@ ./internal/lint/waymarkvet

bin/staticcheck: tools/go.mod tools/go.sum
	$(GO) build -C tools -o ../bin/staticcheck honnef.co/go/tools/cmd/staticcheck

bin/govulncheck: tools/go.mod tools/go.sum
	$(GO) build -C tools -o ../bin/govulncheck golang.org/x/vuln/cmd/govulncheck

bin/webbuild: tools/go.mod tools/go.sum $(wildcard tools/webbuild/*.go)
	$(GO) build -C tools -o ../bin/webbuild ./webbuild

clean:
	rm -rf bin

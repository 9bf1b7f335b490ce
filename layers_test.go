package waymark_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/waymark-ledger/waymark/"

// ground is what every package above it may import.
var ground = []string{"epcis", "identity", "proof", "trace"}

// layers is the table of ARCHITECTURE.md: which of the module's own folders a
// folder may import. A folder that is not listed does not exist.
var layers = map[string][]string{
	"cmd":       {"testnet", "node", "api", "client", "p2p", "ledger", "contracts", "web", "epcis", "identity", "proof", "trace"},
	"testnet":   append([]string{"node", "client"}, ground...),
	"node":      append([]string{"api", "p2p", "ledger", "contracts", "web"}, ground...),
	"api":       append([]string{"contracts", "web"}, ground...),
	"client":    ground,
	"p2p":       ground,
	"ledger":    ground,
	"contracts": ground,
	"web":       {},
	"epcis":     {},
	"identity":  {},
	"proof":     {"epcis", "identity", "trace"},
	"trace":     {"epcis"},
	"bench":     append([]string{"testnet", "node", "api", "client", "p2p", "ledger", "contracts"}, ground...),
	"internal":  {},
	"":          {}, // the module's root: tests only
}

// only names the folders that alone may import a module from outside.
var only = map[string][]string{
	"github.com/cometbft/":               {"node", "bench"},
	"github.com/labstack/echo/":          {"api"},
	"github.com/cockroachdb/pebble/":     {"ledger", "p2p", "node", "bench"}, // the ledger, the outbox, the engine's stores
	"github.com/libp2p/go-libp2p":        {"p2p"},
	"github.com/libp2p/go-libp2p-pubsub": {"p2p"},
	"github.com/ethereum/go-ethereum":    {"identity"},
	"github.com/Shopify/toxiproxy/":      {"testnet"},
	"github.com/spf13/cobra":             {"cmd"},
}

// groundLibraries are the outside modules that the ground may import:
// codecs, exact decimals, hashing, text. Anything else would let the world in.
var groundLibraries = map[string][]string{
	"epcis": {"github.com/cockroachdb/apd/", "github.com/santhosh-tekuri/jsonschema/", "github.com/dlclark/regexp2", "golang.org/x/text/"},
	"identity": {"github.com/fxamacker/cbor/", "github.com/ethereum/go-ethereum/", "github.com/transparency-dev/merkle/",
		"github.com/google/uuid"},
	"proof":     {"github.com/fxamacker/cbor/", "github.com/transparency-dev/merkle/"},
	"trace":     {"github.com/fxamacker/cbor/", "github.com/cockroachdb/apd/"},
	"contracts": {"github.com/fxamacker/cbor/", "github.com/cockroachdb/apd/"},
}

type listedPackage struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

func listPackages(t *testing.T) []listedPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listedPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listedPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func folderOf(path string) string {
	rest, _ := strings.CutPrefix(path, strings.TrimSuffix(module, "/"))
	folder, _, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	return folder
}

func hasPrefix(path string) func(string) bool {
	return func(prefix string) bool { return strings.HasPrefix(path, prefix) }
}

func TestLayers(t *testing.T) {
	for _, p := range listPackages(t) {
		folder := folderOf(p.ImportPath)
		may, known := layers[folder]
		if !known {
			t.Errorf("%s: the folder %q is not in the layer table", p.ImportPath, folder)
			continue
		}
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, module) {
				if to := folderOf(imported); to != folder && !slices.Contains(may, to) {
					t.Errorf("%s imports %s: an arrow points up", p.ImportPath, imported)
				}
				continue
			}
			for prefix, owners := range only {
				if strings.HasPrefix(imported, prefix) && !slices.Contains(owners, folder) {
					t.Errorf("%s imports %s, which only %v may", p.ImportPath, imported, owners)
				}
			}
			libraries, limited := groundLibraries[folder]
			outside := strings.Contains(strings.Split(imported, "/")[0], ".")
			if limited && outside && !slices.ContainsFunc(libraries, hasPrefix(imported)) {
				t.Errorf("%s imports %s: not one of the libraries the ground stands on", p.ImportPath, imported)
			}
		}
	}
}

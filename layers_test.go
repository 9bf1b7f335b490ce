package waymark_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
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
	"testnet":   append([]string{"node", "client", "internal"}, ground...),
	"node":      append([]string{"api", "p2p", "ledger", "intact", "contracts", "web"}, ground...),
	"api":       append([]string{"contracts", "web"}, ground...),
	"client":    ground,
	"p2p":       append([]string{"intact"}, ground...),
	"ledger":    append([]string{"intact"}, ground...),
	"intact":    {},
	"contracts": ground,
	"web":       {},
	"epcis":     {},
	"identity":  {},
	"proof":     {"epcis", "identity", "trace"},
	"trace":     {"epcis"},
	"bench":     append([]string{"testnet", "node", "internal", "api", "client", "p2p", "ledger", "contracts"}, ground...),
	"internal":  {},
	"":          {}, // the module's root: tests only
}

// only names the folders that alone may import a module from outside.
var only = map[string][]string{
	"github.com/cometbft/":               {"node", "bench"},
	"github.com/labstack/echo/":          {"api"},
	"github.com/cockroachdb/pebble/":     {"ledger", "p2p", "node", "intact", "bench"}, // the ledger, the outbox, the engine's stores, the files of all
	"github.com/libp2p/go-libp2p":        {"p2p"},
	"github.com/libp2p/go-libp2p-pubsub": {"p2p"},
	"github.com/ethereum/go-ethereum":    {"identity"},
	"github.com/Shopify/toxiproxy/":      {"testnet"},
	"github.com/spf13/cobra":             {"cmd"},
	"github.com/jackc/pgx/":              {"bench"},
	"net/http":                           {"api", "client", "cmd", "testnet", "bench"}, // api answers; the others ask it, or (testnet) a supervisor on loopback
}

// groundLibraries are the outside modules that the ground may import:
// codecs, exact decimals, hashing, text. Anything else would let the world in.
var groundLibraries = map[string][]string{
	"epcis":     {"github.com/cockroachdb/apd/", "github.com/santhosh-tekuri/jsonschema/", "github.com/dlclark/regexp2", "golang.org/x/text/"},
	"identity":  {"github.com/fxamacker/cbor/", "github.com/ethereum/go-ethereum/", "github.com/google/uuid"},
	"proof":     {"github.com/fxamacker/cbor/", "github.com/transparency-dev/merkle/"},
	"trace":     {"github.com/fxamacker/cbor/", "github.com/cockroachdb/apd/"},
	"contracts": {"github.com/fxamacker/cbor/", "github.com/cockroachdb/apd/"},
}

// imports lists what each folder's product code imports. Test files may reach
// further: a test goes through the front door.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch name := d.Name(); {
		case err != nil:
			return err
		case d.IsDir() && (name == "testdata" || name == "tools" || name == "bin" || path != "." && strings.HasPrefix(name, ".")):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			found[path] = append(found[path], imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// folderOf is the first folder of a path below the module's root.
func folderOf(path string) string {
	folder, _, below := strings.Cut(filepath.ToSlash(path), "/")
	if !below && strings.HasSuffix(folder, ".go") {
		return ""
	}
	return folder
}

func hasPrefix(path string) func(string) bool {
	return func(prefix string) bool { return strings.HasPrefix(path, prefix) }
}

func TestLayers(t *testing.T) {
	for path, all := range imports(t) {
		folder := folderOf(path)
		may, known := layers[folder]
		if !known {
			t.Errorf("%s: the folder %q is not in the layer table", path, folder)
			continue
		}
		for _, imported := range all {
			if below, own := strings.CutPrefix(imported, module); own {
				if to := folderOf(below); to != folder && !slices.Contains(may, to) {
					t.Errorf("%s imports %s: an arrow points up", path, imported)
				}
				continue
			}
			for prefix, owners := range only {
				if strings.HasPrefix(imported, prefix) && !slices.Contains(owners, folder) {
					t.Errorf("%s imports %s, which only %v may", path, imported, owners)
				}
			}
			libraries, limited := groundLibraries[folder]
			outside := strings.Contains(strings.Split(imported, "/")[0], ".")
			if limited && outside && !slices.ContainsFunc(libraries, hasPrefix(imported)) {
				t.Errorf("%s imports %s: not one of the libraries the ground stands on", path, imported)
			}
		}
	}
}

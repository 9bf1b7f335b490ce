package waymark_test

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const limitsGuide = "docs/limits.md"

// bound is how constants that bound something are named.
var bound = regexp.MustCompile(`^([mM]ax|[mM]ost)[A-Z]`)

// bounds are the constants of product code that bound something, as
// folder.name, with their values.
func bounds(t *testing.T) map[string]constant.Value {
	t.Helper()
	exprs := map[string]ast.Expr{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch name := d.Name(); {
		case err != nil:
			return err
		case d.IsDir() && (path == "bench" || path == "tools" || path == "bin" || path == "internal" || name == "testdata" || path != "." && strings.HasPrefix(name, ".")):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			group, ok := d.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				v := spec.(*ast.ValueSpec)
				for i, name := range v.Names {
					if i < len(v.Values) {
						exprs[file.Name.Name+"."+name.Name] = v.Values[i]
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]constant.Value{}
	for name, e := range exprs {
		of, short, _ := strings.Cut(name, ".")
		if of != "main" && bound.MatchString(short) {
			found[name] = value(exprs, of, e)
		}
	}
	return found
}

// value evaluates a constant expression of a package.
func value(of map[string]ast.Expr, in string, e ast.Expr) constant.Value {
	switch e := e.(type) {
	case *ast.BasicLit:
		return constant.MakeFromLiteral(e.Value, e.Kind, 0)
	case *ast.ParenExpr:
		return value(of, in, e.X)
	case *ast.Ident:
		return value(of, in, of[in+"."+e.Name])
	case *ast.SelectorExpr:
		there := e.X.(*ast.Ident).Name
		return value(of, there, of[there+"."+e.Sel.Name])
	case *ast.BinaryExpr:
		x, y := value(of, in, e.X), value(of, in, e.Y)
		if e.Op == token.SHL {
			n, _ := constant.Uint64Val(y)
			return constant.Shift(x, e.Op, uint(n))
		}
		return constant.BinaryOp(x, e.Op, y)
	}
	return constant.MakeUnknown()
}

var limitRow = regexp.MustCompile("(?m)^\\| `([a-z0-9]+\\.[A-Za-z]+)` \\| ([0-9,]+)( [KMG]iB)? \\| .{10,} \\|$")

// Whatever product code bounds by a constant stands in the guide, with its value: what
// an operator or a member may set stands in the configuration or in the parameters.
func TestLimitsGuideListsEveryBound(t *testing.T) {
	guide, err := os.ReadFile(limitsGuide)
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, m := range limitRow.FindAllStringSubmatch(string(guide), -1) {
		n := constant.MakeFromLiteral(strings.ReplaceAll(m[2], ",", ""), token.INT, 0)
		shift := map[string]uint{"": 0, " KiB": 10, " MiB": 20, " GiB": 30}[m[3]]
		listed[m[1]] = constant.Shift(n, token.SHL, shift).ExactString()
	}
	found := bounds(t)
	if len(found) < 80 {
		t.Fatalf("only %d bounds were found", len(found))
	}
	for name, v := range found {
		switch told, ok := listed[name]; {
		case !ok:
			t.Errorf("%s does not list %s, which is %s", limitsGuide, name, v.ExactString())
		case told != v.ExactString():
			t.Errorf("%s says that %s is %s, and it is %s", limitsGuide, name, told, v.ExactString())
		}
		delete(listed, name)
	}
	for name := range listed {
		t.Errorf("%s lists %s, which is no bound", limitsGuide, name)
	}
}

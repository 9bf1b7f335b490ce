// Package lint holds the analyzers that keep the deterministic part of the
// ledger deterministic.
//
// Its promise: in the packages of [DeterministicPackages], and in every file
// that carries the comment //waymark:deterministic, code that could differ
// between two honest machines does not pass `make check`.
package lint

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// DeterministicPackages are the folders, below the module's root, that are
// deterministic as a whole.
func DeterministicPackages() []string {
	return []string{"contracts", "epcis", "identity", "proof", "trace"}
}

const (
	fileDirective  = "//waymark:deterministic"
	allowDirective = "//waymark:allow "
)

// Determinism reports clocks, randomness, environment, map iteration, floats,
// goroutines and package variables: those that are written, and those that could
// change without that. A line that ends in, or
// follows, a comment //waymark:allow <what>: <why> is exempt from <what>
// (clock, random, environment, maprange, float, goroutine, variable).
func Determinism() *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:     "determinism",
		Doc:      "report what could make two honest nodes disagree",
		Requires: []*analysis.Analyzer{inspect.Analyzer},
		Run:      runDeterminism,
	}
}

// forbiddenCall tells what of the standard library is not a function of its
// arguments.
func forbiddenCall(pkg, name string) (what string, bad bool) {
	switch pkg {
	case "time":
		switch name {
		case "Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker":
			return "clock", true
		case "Local", "LoadLocation":
			return "environment", true
		}
	case "os":
		switch name {
		case "Args", "Getenv", "LookupEnv", "Environ", "Hostname", "Getpid", "Getwd", "ExpandEnv", "UserHomeDir", "Executable", "TempDir":
			return "environment", true
		}
	case "runtime":
		switch name {
		case "NumCPU", "GOMAXPROCS", "NumGoroutine", "GOOS", "GOARCH", "Version":
			return "environment", true
		}
	case "math/rand", "math/rand/v2", "crypto/rand", "hash/maphash":
		return "random", true
	case "maps":
		switch name {
		case "Keys", "Values", "All":
			return "maprange", true
		}
	}
	return "", false
}

// forbiddenMethod is the same for methods.
func forbiddenMethod(of, name string) (what string, bad bool) {
	switch of + "." + name {
	case "time.Time.Local":
		return "environment", true
	case "reflect.Value.MapKeys", "reflect.Value.MapRange":
		return "maprange", true
	}
	return "", false
}

// check carries one package through the analysis.
type check struct {
	pass    *analysis.Pass
	inScope map[*token.File]bool
	allowed map[string]map[int]string // file name to line to what is allowed
}

func runDeterminism(pass *analysis.Pass) (any, error) {
	c := &check{pass: pass, inScope: map[*token.File]bool{}, allowed: map[string]map[int]string{}}
	whole := slices.ContainsFunc(DeterministicPackages(), func(p string) bool {
		return pass.Pkg.Path() == p || strings.HasSuffix(pass.Pkg.Path(), "/waymark/"+p)
	})
	for _, f := range pass.Files {
		c.readDirectives(f, whole)
	}
	in := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	in.WithStack(nil, func(n ast.Node, push bool, stack []ast.Node) bool {
		if !push {
			return true
		}
		if f := pass.Fset.File(n.Pos()); f == nil || !c.inScope[f] {
			return n.Pos() == token.NoPos
		}
		c.node(n, stack)
		return true
	})
	return nil, nil
}

func (c *check) readDirectives(f *ast.File, whole bool) {
	tf := c.pass.Fset.File(f.Pos())
	if strings.HasSuffix(tf.Name(), "_test.go") {
		return
	}
	c.inScope[tf] = whole
	lines := map[int]string{}
	for _, group := range f.Comments {
		for _, comment := range group.List {
			if strings.HasPrefix(comment.Text, fileDirective) {
				c.inScope[tf] = true
			}
			if rest, ok := strings.CutPrefix(comment.Text, allowDirective); ok {
				what, why, ok := strings.Cut(rest, ":")
				if !ok || strings.TrimSpace(why) == "" {
					c.pass.Reportf(comment.Pos(), "an exemption says why: %s<what>: <why>", allowDirective)
					continue
				}
				line := tf.Line(comment.Pos())
				lines[line], lines[line+1] = what, what
			}
		}
	}
	c.allowed[tf.Name()] = lines
}

func (c *check) report(pos token.Pos, what, format string, args ...any) {
	p := c.pass.Fset.Position(pos)
	if c.allowed[p.Filename][p.Line] == what {
		return
	}
	c.pass.Reportf(pos, format, args...)
}

func (c *check) node(n ast.Node, stack []ast.Node) {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		c.selector(n, stack)
	case *ast.RangeStmt:
		if t := c.pass.TypesInfo.TypeOf(n.X); t != nil {
			if _, ok := t.Underlying().(*types.Map); ok {
				c.report(n.Pos(), "maprange", "range over a map has no order; sort the keys first")
			}
		}
	case *ast.GoStmt:
		c.report(n.Pos(), "goroutine", "a goroutine makes the order of effects depend on the scheduler")
	case *ast.SelectStmt:
		c.report(n.Pos(), "goroutine", "select chooses at random among ready cases")
	case *ast.Ident:
		c.ident(n, stack)
	case *ast.BasicLit:
		if n.Kind == token.FLOAT || n.Kind == token.IMAG {
			c.report(n.Pos(), "float", "a floating-point literal; use integers or epcis.Decimal")
		}
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			for _, left := range n.Lhs {
				c.written(left)
			}
		}
	case *ast.IncDecStmt:
		c.written(n.X)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			c.written(n.X)
		}
	case *ast.CallExpr:
		if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "delete" || id.Name == "clear") && len(n.Args) > 0 {
			c.written(n.Args[0])
		}
		if fun := c.pass.TypesInfo.Types[n.Fun]; !fun.IsType() && floating(c.pass.TypesInfo.TypeOf(n)) {
			c.report(n.Pos(), "float", "a call gives a floating-point number; use integers or epcis.Decimal")
		}
	}
}

// floating reports whether a type, or one of those that a call gives, is one that
// rounds. Its name need not be written where it is used.
func floating(t types.Type) bool {
	if results, ok := t.(*types.Tuple); ok {
		for v := range results.Variables() {
			if floating(v.Type()) {
				return true
			}
		}
		return false
	}
	if t == nil {
		return false
	}
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&(types.IsFloat|types.IsComplex) != 0
}

func (c *check) selector(n *ast.SelectorExpr, stack []ast.Node) {
	obj := c.pass.TypesInfo.Uses[n.Sel]
	if obj == nil || obj.Pkg() == nil {
		return
	}
	if _, isType := obj.(*types.TypeName); isType {
		return
	}
	if _, isFunc := obj.(*types.Func); !isFunc && floating(obj.Type()) {
		c.report(n.Pos(), "float", "%s is a floating-point number; use integers or epcis.Decimal", obj.Name())
	}
	what, bad := forbiddenCall(obj.Pkg().Path(), obj.Name())
	if f, ok := obj.(*types.Func); ok && f.Signature().Recv() != nil {
		what, bad = forbiddenMethod(strings.TrimPrefix(f.Signature().Recv().Type().String(), "*"), obj.Name())
	} else if v, ok := obj.(*types.Var); ok && v.IsField() {
		return
	}
	if !bad || what == "maprange" && sorted(stack) {
		return
	}
	c.report(n.Pos(), what, "%s.%s is not a function of its arguments (%s)", obj.Pkg().Name(), obj.Name(), what)
}

// sorted reports whether the selector on top of the stack is called inside a
// call of slices.Sorted, SortedFunc or SortedStableFunc, which give its result
// an order.
func sorted(stack []ast.Node) bool {
	for _, n := range stack {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			continue
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if ok && strings.HasPrefix(sel.Sel.Name, "Sorted") {
			if id, ok := sel.X.(*ast.Ident); ok && id.Name == "slices" {
				return true
			}
		}
	}
	return false
}

func (c *check) ident(n *ast.Ident, stack []ast.Node) {
	if obj, ok := c.pass.TypesInfo.Uses[n].(*types.TypeName); ok && obj.Pkg() == nil {
		switch n.Name {
		case "float32", "float64", "complex64", "complex128":
			c.report(n.Pos(), "float", "%s rounds differently where the compiler fuses; use integers or epcis.Decimal", n.Name)
		}
	}
	obj, ok := c.pass.TypesInfo.Defs[n].(*types.Var)
	if !ok || obj.Parent() != c.pass.Pkg.Scope() {
		return
	}
	if n.Name != "_" && !unchanging(obj.Type()) {
		c.report(n.Pos(), "variable", "package variable %s is shared state, which can change", n.Name)
	}
}

// unchanging reports whether a package variable of this type stays what it is where
// nobody assigns to it: an error, an embedded file, a pattern, a plain value.
func unchanging(t types.Type) bool {
	if array, ok := t.Underlying().(*types.Array); ok {
		return unchanging(array.Elem())
	}
	_, plain := t.Underlying().(*types.Basic)
	return plain || types.Identical(t, types.Universe.Lookup("error").Type()) || t.String() == "embed.FS" || t.String() == "*regexp.Regexp"
}

// written reports a write to, or through, a package variable.
func (c *check) written(e ast.Expr) {
	for {
		switch x := e.(type) {
		case *ast.IndexExpr:
			e = x.X
			continue
		case *ast.SelectorExpr:
			if _, isField := c.pass.TypesInfo.Selections[x]; isField {
				e = x.X
				continue
			}
			e = x.Sel
			continue
		case *ast.ParenExpr:
			e = x.X
			continue
		case *ast.StarExpr:
			e = x.X
			continue
		case *ast.Ident:
			v, ok := c.pass.TypesInfo.Uses[x].(*types.Var)
			if ok && !v.IsField() && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
				c.report(x.Pos(), "variable", "package variable %s is written, or its address taken, after initialisation", x.Name)
			}
		}
		return
	}
}

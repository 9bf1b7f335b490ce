package proof

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// jsonNode is a JSON value whose members keep their order.
type jsonNode struct {
	names []string // of an object's members
	nodes []*jsonNode
	leaf  json.RawMessage // of anything else than an object or array
	list  bool
}

func parseNode(t testing.TB, data []byte) *jsonNode {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var read func() *jsonNode
	read = func() *jsonNode {
		token, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		open, ok := token.(json.Delim)
		if !ok {
			b, err := json.Marshal(token)
			if err != nil {
				t.Fatal(err)
			}
			return &jsonNode{leaf: b}
		}
		n := &jsonNode{list: open == '['}
		for d.More() {
			if !n.list {
				name, err := d.Token()
				if err != nil {
					t.Fatal(err)
				}
				n.names = append(n.names, name.(string))
			}
			n.nodes = append(n.nodes, read())
		}
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		return n
	}
	return read()
}

func (n *jsonNode) append(b []byte) []byte {
	if n.leaf != nil {
		return append(b, n.leaf...)
	}
	open, end := byte('{'), byte('}')
	if n.list {
		open, end = '[', ']'
	}
	b = append(b, open)
	for i, child := range n.nodes {
		if i > 0 {
			b = append(b, ',')
		}
		if !n.list {
			b = append(append(append(b, '"'), n.names[i]...), '"', ':')
		}
		b = child.append(b)
	}
	return append(b, end)
}

// mutate calls visit with the tree after each single change, and puts it back:
// every value changed, every element and member left out, doubled, and
// exchanged with its neighbour.
func (n *jsonNode) mutate(path string, visit func(what string)) {
	if n.leaf != nil {
		was := n.leaf
		for what, leaf := range changedLeaves(was) {
			n.leaf = leaf
			visit(path + " " + what)
		}
		n.leaf = was
		return
	}
	nodes, names := n.nodes, n.names
	for i := range nodes {
		at := fmt.Sprintf("%s[%d]", path, i)
		if !n.list {
			at = path + "." + names[i]
		}
		nodes[i].mutate(at, visit)

		n.nodes, n.names = slices.Delete(slices.Clone(nodes), i, i+1), names
		if !n.list {
			n.names = slices.Delete(slices.Clone(names), i, i+1)
		}
		visit(at + " left out")
		n.nodes = slices.Insert(slices.Clone(nodes), i, nodes[i])
		if !n.list {
			n.names = slices.Insert(slices.Clone(names), i, names[i])
		}
		visit(at + " doubled")
		n.nodes, n.names = nodes, names
		if i == 0 {
			continue
		}
		n.nodes = slices.Clone(nodes)
		n.nodes[i-1], n.nodes[i] = nodes[i], nodes[i-1]
		if !bytes.Equal(nodes[i].append(nil), nodes[i-1].append(nil)) {
			visit(at + " exchanged with its neighbour")
		}
		if !n.list {
			n.names = slices.Clone(names)
			n.names[i-1], n.names[i] = names[i], names[i-1]
			visit(at + " behind its neighbour")
		}
		n.nodes, n.names = nodes, names
	}
}

// changedLeaves are other values in the place of one.
func changedLeaves(leaf json.RawMessage) map[string]json.RawMessage {
	out := map[string]json.RawMessage{"as null": json.RawMessage("null"), "as a list": json.RawMessage("[]")}
	if leaf[0] != '"' {
		out["one more"] = json.RawMessage(fmt.Sprint(number(leaf) + 1))
		if n := number(leaf); n > 0 {
			out["one less"] = json.RawMessage(fmt.Sprint(n - 1))
			out["as none"] = json.RawMessage("0")
		}
		out["as text"] = json.RawMessage(`"` + string(leaf) + `"`)
		return out
	}
	s := string(leaf[1 : len(leaf)-1])
	quoted := func(s string) json.RawMessage { return json.RawMessage(`"` + s + `"`) }
	out["longer"] = quoted(s + "0")
	if s == "" {
		return out
	}
	out["shorter"] = quoted(s[:len(s)-1])
	out["emptied"] = quoted("")
	for name, at := range map[string]int{"first": 0, "middle": len(s) / 2, "last": len(s) - 1} {
		c := byte('1')
		if s[at] == c {
			c = '2'
		}
		out["its "+name+" character"] = quoted(s[:at] + string(c) + s[at+1:])
	}
	if upper := bytes.ToUpper([]byte(s)); string(upper) != s {
		out["in capitals"] = quoted(string(upper))
	}
	if b, err := base64.StdEncoding.DecodeString(s); err == nil && len(b) > 0 {
		b[len(b)/2] ^= 0x04
		out["a bit of its bytes"] = quoted(base64.StdEncoding.EncodeToString(b))
		out["a byte behind"] = quoted(base64.StdEncoding.EncodeToString(append(b, 0)))
	}
	return out
}

func number(leaf []byte) (n uint64) {
	if _, err := fmt.Sscan(string(leaf), &n); err != nil {
		panic(err)
	}
	return n
}

// A dossier holds nothing that is not checked: whatever is changed, left out,
// doubled or exchanged, it does not verify any more.
func TestEveryValueOfADossierCounts(t *testing.T) {
	o := newOrchard(t)
	bridged := newOrchard(t)
	bridged.chain.sets[5], bridged.chain.sets[9] = validators(10, "c", "d", "e", "f"), validators(10, "f", "g", "h", "i")
	part := o.verify(t, o.dossier(t, crate, BuildOptions{MaxNodes: 3}), Options{ID: crate})
	for _, c := range []struct {
		name  string
		book  *book
		build BuildOptions
		ask   Options
	}{
		{"as of a past day", o.book, BuildOptions{At: o.sold}, Options{ID: bag, At: o.sold}},
		{"a part", o.book, BuildOptions{MaxRecords: 1, Continue: part.Rest.Continue}, Options{ID: crate, From: &part.Rest.Hash}},
		{"a first part", o.book, BuildOptions{MaxNodes: 3, MaxRecords: 4}, Options{ID: crate}},
		{"an unknown item", o.book, BuildOptions{}, Options{ID: itemOf(2, "NONE")}},
		{"a certificate, validators changed", bridged.book, BuildOptions{}, Options{ID: organic}},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := c.book.dossier(t, c.ask.ID, c.build)
			c.ask.Anchor = c.book.anchor(t)
			if _, err := Verify(data, c.ask); err != nil {
				t.Fatal(err)
			}
			tree := parseNode(t, data)
			if !bytes.Equal(tree.append(nil), data) {
				t.Fatal("the test reads the dossier otherwise than it is")
			}
			tried, text := 0, []byte(nil)
			reasons := map[Reason]int{}
			tree.mutate("dossier", func(what string) {
				if tried++; tried%stride != 0 {
					return
				}
				text = tree.append(text[:0])
				_, err := Verify(text, c.ask)
				reason := reasonOf(err)
				reasons[reason]++
				if reason == "" || len(reason) > 20 { // it verifies, or an error of no kind
					t.Errorf("%s: %q", what, reason)
				}
			})
			t.Logf("%d changes to %d bytes: %v", tried, len(data), reasons)
		})
	}
}

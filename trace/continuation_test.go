package trace

import (
	"errors"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// A token stands for what is left in one form, and for nothing that a walk could not
// have left.
func TestContinuationsThatAWalkDoesNotLeave(t *testing.T) {
	const id = "https://id.gs1.org/01/09521101000016/21/A"
	since := Moment{Seconds: 1}
	good := func() rest {
		return rest{Version: restVersion, ID: id, Direction: Upstream, Tasks: []restTask{{NS: NSItem, ID: id, Mode: inside, Since: &since, Edges: []restEdge{}}}}
	}
	for _, c := range []struct {
		change func(*rest)
		says   string // "" where it is good
	}{
		{func(*rest) {}, ""},
		{func(r *rest) { r.Tasks[0].Mode, r.Tasks[0].Since = up, nil }, ""},
		{func(r *rest) { r.Version++ }, "its version is 3"},
		{func(r *rest) { r.ID += "B" }, "it is of " + id + "B"},
		{func(r *rest) { r.Direction = Downstream }, "it goes downstream"},
		{func(r *rest) { r.Tasks = r.Tasks[:0] }, "nothing is left of it"},
		{func(r *rest) { r.Tasks[0].ID = "" }, "part 0 is incomplete"},
		{func(r *rest) { r.Tasks[0].Depth = -1 }, "part 0 is incomplete"},
		{func(r *rest) { r.Tasks[0].Since = nil }, "part 0 is incomplete"},
	} {
		r := good()
		c.change(&r)
		b, err := encodeRest(&r)
		if err != nil {
			t.Fatal(err)
		}
		tasks, err := tasksOf(Token(b), id, Upstream)
		if c.says == "" && (err != nil || len(tasks) != 1) || c.says != "" && (!errors.Is(err, ErrContinuation) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%+v: %v, want %q", r, err, c.says)
		}
	}
	r := good()
	b, err := cbor.Marshal(&r)
	if err != nil {
		t.Fatal(err)
	}
	// The version, 2, in two bytes instead of one.
	loose := append([]byte{b[0], 0x18, b[1]}, b[2:]...)
	if _, err := tasksOf(Token(loose), id, Upstream); !errors.Is(err, ErrContinuation) || !strings.Contains(err.Error(), "not in its one form") {
		t.Errorf("another form: %v", err)
	}
}

package p2p

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/waymark-ledger/waymark/identity"
)

func newTestOutbox(t testing.TB, fs vfs.FS) *Outbox {
	t.Helper()
	o, err := OpenOutbox("outbox", fs, OutboxLimits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

func item(text string) Item {
	return Item{ID: sha256.Sum256([]byte(text)), Wire: []byte("good " + text), NotAfter: 1000}
}

func put(t testing.TB, o *Outbox, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if err := o.Put(item(s)); err != nil {
			t.Fatal(err)
		}
	}
}

func pending(t testing.TB, o *Outbox) []string {
	t.Helper()
	items, err := o.Pending(0)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, it := range items {
		out = append(out, string(it.Wire[5:]))
		if want := item(string(it.Wire[5:])); want.ID != it.ID || want.NotAfter != it.NotAfter {
			t.Errorf("item %q came back changed: %+v", it.Wire, it)
		}
	}
	return out
}

func TestOutboxKeepsOrderAndReopens(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o, err := OpenOutbox(dir, nil, OutboxLimits{})
	if err != nil {
		t.Fatal(err)
	}
	put(t, o, "c", "a", "b", "a", "d")
	if err := o.Remove(item("a").ID, item("unknown").ID); err != nil {
		t.Fatal(err)
	}
	if err := o.PutJob("job", []byte("state")); err != nil {
		t.Fatal(err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if o, err = OpenOutbox(dir, nil, OutboxLimits{}); err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	put(t, o, "e", "a")
	if got := fmt.Sprint(pending(t, o)); got != "[c b d e a]" {
		t.Errorf("pending %s", got)
	}
	if o.Len() != 5 || o.Bytes() != 5*6 {
		t.Errorf("Len %d, Bytes %d", o.Len(), o.Bytes())
	}
	if job, err := o.Job("job"); err != nil || string(job) != "state" {
		t.Errorf("job %q, %v", job, err)
	}
	if _, err := o.Job("other"); !errors.Is(err, ErrNoJob) {
		t.Errorf("unknown job: %v", err)
	}
	if two, err := o.Pending(2); err != nil || len(two) != 2 {
		t.Errorf("Pending(2): %d items, %v", len(two), err)
	}
	if it, ok, err := o.Get(item("d").ID); err != nil || !ok || string(it.Wire) != "good d" {
		t.Errorf("Get: %+v %v %v", it, ok, err)
	}
	if _, ok, err := o.Get(item("gone").ID); err != nil || ok {
		t.Errorf("Get of an unknown item: %v %v", ok, err)
	}
}

func TestOutboxPutSurvivesPowerLoss(t *testing.T) {
	t.Parallel()
	const writers, each = 4, 20
	mem := vfs.NewCrashableMem()
	o := newTestOutbox(t, mem)
	var mu sync.Mutex
	acknowledged := make(map[string]bool)
	var clones []*vfs.MemFS
	var known []map[string]bool // what was acknowledged before each clone
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := range each {
				text := fmt.Sprintf("%d-%d", w, n)
				var err error
				if n%5 == 4 { // every fifth is put twice at once: neither may return early
					var twin error
					var both sync.WaitGroup
					both.Go(func() { twin = o.Put(item(text)) })
					err = o.Put(item(text))
					both.Wait()
					err = errors.Join(err, twin)
				} else {
					err = o.Put(item(text))
				}
				err = errors.Join(err, o.PutJob("job "+text, []byte(text)))
				mu.Lock()
				if err != nil {
					t.Error(err)
				}
				acknowledged[text] = true
				if n%4 == 0 {
					had := make(map[string]bool, len(acknowledged))
					for k := range acknowledged {
						had[k] = true
					}
					known = append(known, had)
					clones = append(clones, mem.CrashClone(vfs.CrashCloneCfg{}))
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for i, fs := range clones {
		after, err := OpenOutbox("outbox", fs, OutboxLimits{})
		if err != nil {
			t.Fatal(err)
		}
		have := make(map[string]bool)
		for _, text := range pending(t, after) {
			have[text] = true
		}
		for text := range known[i] {
			if !have[text] {
				t.Errorf("clone %d: %q was acknowledged and is lost", i, text)
			}
			if job, err := after.Job("job " + text); err != nil || string(job) != text {
				t.Errorf("clone %d: job %q: %q, %v", i, text, job, err)
			}
		}
		if err := after.Close(); err != nil {
			t.Fatal(err)
		}
	}

	// The control: the same without a sync is lost, or this test shows nothing.
	late := item("not synced")
	if err := o.db.Set(seqKey('i', 1<<40), encodeItem(late), pebble.NoSync); err != nil {
		t.Fatal(err)
	}
	after := newTestOutbox(t, mem.CrashClone(vfs.CrashCloneCfg{}))
	if _, ok, _ := after.Get(late.ID); ok {
		t.Error("an unsynced write survived: the crash is not one")
	}
}

func TestOutboxDropsTheOldestJobs(t *testing.T) {
	t.Parallel()
	const most = 3
	fs := vfs.NewMem()
	o := newTestOutbox(t, fs)
	o.limits.Jobs = most
	for i := range most {
		if err := o.PutJob(fmt.Sprint(i), []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"0", "new", "newer"} { // writing 0 again does not make it younger
		if err := o.PutJob(id, []byte("y")); err != nil {
			t.Fatal(err)
		}
	}
	for id, kept := range map[string]bool{"0": false, "1": false, "2": true, "new": true, "newer": true} {
		if _, err := o.Job(id); (err == nil) != kept {
			t.Errorf("job %s: %v, want kept %v", id, err, kept)
		}
	}
	if o.jobs != most {
		t.Errorf("%d jobs counted", o.jobs)
	}
}

// What an outbox holds beyond a lower limit stays; it takes no more, and of jobs
// the oldest go.
func TestOutboxIsOpenedWithLowerLimits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o, err := OpenOutbox(dir, nil, OutboxLimits{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		if err := errors.Join(o.Put(item(fmt.Sprint(i))), o.PutJob(fmt.Sprint(i), []byte("x"))); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	for _, limits := range []OutboxLimits{{Items: 2, Jobs: 2}, {Bytes: 1, Jobs: 2}} {
		if o, err = OpenOutbox(dir, nil, limits); err != nil {
			t.Fatal(err)
		}
		if err := o.Put(item("one more")); !errors.Is(err, ErrOutboxFull) {
			t.Errorf("%+v: %v", limits, err)
		}
		if err := o.Put(item("0")); err != nil || o.Len() != 4 {
			t.Errorf("%+v: what was there is not: %v, %d items", limits, err, o.Len())
		}
		if err := o.PutJob("new", []byte("y")); err != nil || o.jobs != 2 {
			t.Errorf("%+v: %v, %d jobs", limits, err, o.jobs)
		}
		if err := o.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOutboxRefusesWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	o := newTestOutbox(t, vfs.NewMem())
	for _, n := range []int{0, MaxWireBytes + 1} {
		if err := o.Put(Item{ID: identity.Hash{1}, Wire: make([]byte, n)}); err == nil {
			t.Errorf("a wire of %d bytes was taken", n)
		}
	}
	o.bytes = o.limits.Bytes // as if it held that much
	if err := o.Put(item("one more")); !errors.Is(err, ErrOutboxFull) {
		t.Errorf("a full outbox: %v", err)
	}
	if o.Len() != 0 {
		t.Error("a refused item was kept")
	}
}

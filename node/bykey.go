package node

import "github.com/waymark-ledger/waymark/trace"

// byKey is a map by key. Nearly all keys are items, whose ids alone are hashed sooner.
type byKey[V any] struct {
	items  map[string]V
	others map[trace.Key]V
}

func newByKey[V any](size int) byKey[V] {
	return byKey[V]{items: make(map[string]V, size), others: map[trace.Key]V{}}
}

func (m *byKey[V]) get(k trace.Key) (V, bool) {
	if k.NS == trace.NSItem {
		v, ok := m.items[k.ID]
		return v, ok
	}
	v, ok := m.others[k]
	return v, ok
}

func (m *byKey[V]) put(k trace.Key, v V) {
	if k.NS == trace.NSItem {
		m.items[k.ID] = v
	} else {
		m.others[k] = v
	}
}

func (m *byKey[V]) clear() {
	clear(m.items)
	clear(m.others)
}

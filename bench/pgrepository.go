package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// A repository of events as one organisation would keep it in PostgreSQL: each
// event as it came, and a row for each object in it and the part that it plays.
// The primary key of event_object answers "which events is this in", its second
// index "what else is in this event".
const pgSchema = `
CREATE TABLE event (
	seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	event_id    text NOT NULL UNIQUE,
	type        text NOT NULL,
	event_time  timestamptz NOT NULL,
	record_time timestamptz NOT NULL DEFAULT now(),
	body        jsonb NOT NULL
);
CREATE TABLE event_object (
	id   text NOT NULL,
	seq  bigint NOT NULL,
	part text NOT NULL,
	PRIMARY KEY (id, seq, part)
);
CREATE INDEX ON event_object (seq, part);`

// pgInsert stores the events of one capture, and their objects, in one statement
// and so in one transaction.
const pgInsert = `
WITH stored AS (
	INSERT INTO event (event_id, type, event_time, body)
	SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::jsonb[])
	RETURNING seq, event_id)
INSERT INTO event_object (id, seq, part)
SELECT o.id, stored.seq, o.part
FROM unnest($5::text[], $6::text[], $7::text[]) AS o (event_id, id, part) JOIN stored USING (event_id)`

// pgUpstream is every event of a thing, of what it was made from, and of what it
// was inside, in the order in which they were stored. It takes a container's events
// without asking when the thing was in it, and no certificate, no correction, no
// name.
const pgUpstream = `
WITH RECURSIVE upstream (id) AS (
	SELECT $1::text
	UNION
	SELECT o.id
	FROM upstream u JOIN event_object mine ON mine.id = u.id JOIN event_object o ON o.seq = mine.seq
	WHERE (mine.part, o.part) IN (('output', 'input'), ('child', 'parent')))
SELECT e.body FROM event e
WHERE e.seq IN (SELECT o.seq FROM event_object o JOIN upstream USING (id))
ORDER BY e.seq`

// pgRows are the columns of events and of the objects in them.
type pgRows struct {
	eventIDs, types, bodies []string
	times                   []time.Time
	of, ids, parts          []string // of the objects: their event, themselves, their part
}

// add takes an event as its record has it.
func (r *pgRows) add(e *epcis.Event, raw []byte) {
	r.eventIDs, r.types, r.bodies = append(r.eventIDs, e.ID), append(r.types, string(e.Type)), append(r.bodies, string(raw))
	r.times = append(r.times, time.Unix(e.Time.Seconds, int64(e.Time.Nanos)).UTC())
	object := func(id epcis.ID, part string) {
		if !id.IsZero() {
			r.of, r.ids, r.parts = append(r.of, e.ID), append(r.ids, id.URI), append(r.parts, part)
		}
	}
	object(e.Parent, "parent")
	for _, group := range []struct {
		part       string
		ids        []epcis.ID
		quantities []epcis.Quantity
	}{
		{"object", e.EPCs, e.Quantities}, {"child", e.Children, e.ChildQuantities},
		{"input", e.Inputs, e.InputQuantities}, {"output", e.Outputs, e.OutputQuantities},
	} {
		for _, id := range group.ids {
			object(id, group.part)
		}
		for _, q := range group.quantities {
			object(q.Class, group.part)
		}
	}
}

// pgConnections is how many captures may be in the server at once: enough for
// their commits to share a flush of its log.
const pgConnections = 64

// pgRepository is a database of its own. As a side of a scenario it is one node,
// whoever the author of an envelope is.
type pgRepository struct {
	server   *pgServer
	database string
	pool     *pgxpool.Pool
}

// newRepository makes a database with the schema.
func (s *pgServer) newRepository(ctx context.Context, database string) (*pgRepository, error) {
	if _, err := s.ask(ctx, "postgres", "CREATE DATABASE "+database); err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(s.address(database))
	if err != nil {
		return nil, err
	}
	config.MaxConns = pgConnections
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	r := &pgRepository{s, database, pool}
	if _, err := pool.Exec(ctx, pgSchema); err != nil {
		return nil, errors.Join(err, r.stop())
	}
	return r, nil
}

func (s *pgServer) boot(_ *homes, _ string, _ *slog.Logger) (network, error) {
	r, err := s.newRepository(context.Background(), "capture")
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (r *pgRepository) nodes() int   { return 1 }
func (r *pgRepository) meshed() bool { return true }

// commit stores the events of an envelope. Its signature is not looked at.
func (r *pgRepository) commit(ctx context.Context, _ int, e *envelope) error {
	env, err := identity.DecodeEnvelope(e.wire)
	if err != nil {
		return err
	}
	var rows pgRows
	decoder := epcis.Decoder{Passing: true}
	for _, raw := range env.Records {
		record, err := decoder.Decode(epcis.KindEvent, raw)
		if err != nil {
			return err
		}
		rows.add(record.Event, raw)
	}
	_, err = r.pool.Exec(ctx, pgInsert, rows.eventIDs, rows.types, rows.times, rows.bodies, rows.of, rows.ids, rows.parts)
	return err
}

func (r *pgRepository) check(events int64) error {
	var stored int64
	if err := r.pool.QueryRow(context.Background(), "SELECT count(*) FROM event").Scan(&stored); err != nil {
		return err
	}
	if stored != events {
		return fmt.Errorf("PostgreSQL has %d events, %d were committed", stored, events)
	}
	return nil
}

// stop drops the database.
func (r *pgRepository) stop() error {
	r.pool.Close()
	_, err := r.server.ask(context.Background(), "postgres", "DROP DATABASE "+r.database)
	return err
}

// load stores rows fast, and leaves the tables as they are after the server's own
// upkeep. No other load may run.
func (r *pgRepository) load(ctx context.Context, rows *pgRows) error {
	tx, err := r.pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx) // nothing after a commit
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"event"}, []string{"event_id", "type", "event_time", "body"},
		pgx.CopyFromSlice(len(rows.eventIDs), func(i int) ([]any, error) {
			return []any{rows.eventIDs[i], rows.types[i], rows.times[i], rows.bodies[i]}, nil
		}))
	if err != nil {
		return err
	}
	found, err := tx.Query(ctx, "SELECT event_id, seq FROM event")
	if err != nil {
		return err
	}
	seqs := make(map[string]int64, len(rows.eventIDs))
	var id string
	var seq int64
	if _, err := pgx.ForEachRow(found, []any{&id, &seq}, func() error { seqs[id] = seq; return nil }); err != nil {
		return err
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"event_object"}, []string{"id", "seq", "part"},
		pgx.CopyFromSlice(len(rows.ids), func(i int) ([]any, error) {
			return []any{rows.ids[i], seqs[rows.of[i]], rows.parts[i]}, nil
		}))
	if err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	_, err = r.pool.Exec(ctx, "VACUUM ANALYZE")
	return err
}

// upstream asks for a journey and reads it, and returns how many events it has.
func (r *pgRepository) upstream(ctx context.Context, id string) (events int, err error) {
	rows, err := r.pool.Query(ctx, pgUpstream, id)
	if err != nil {
		return 0, err
	}
	var body []byte
	_, err = pgx.ForEachRow(rows, []any{&body}, func() error {
		events++
		return nil
	})
	return events, err
}

// bytes is what the tables and their indexes take.
func (r *pgRepository) bytes(ctx context.Context) (n int64, err error) {
	err = r.pool.QueryRow(ctx, "SELECT (pg_total_relation_size('event') + pg_total_relation_size('event_object'))::bigint").Scan(&n)
	return n, err
}

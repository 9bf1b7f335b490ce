package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// triedFile is how the records of a file would be judged.
type triedFile struct {
	File    string             `json:"file"`
	Records []client.Simulated `json:"records"`
}

// dryRun prints how the files would be judged if they were captured now, one
// after the other. Nothing is recorded.
func (d *desk) dryRun(ctx context.Context, cmd *cobra.Command, set map[string]string, paths []string) error {
	tried := make([]triedFile, len(paths))
	bodies := make([]client.Body, len(paths))
	for i, path := range paths {
		body, err := readInput(cmd, path)
		if err != nil {
			return err
		}
		kind, _, err := ownRecords(body)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		bodies[i] = client.Body{Kind: kind, JSON: bytes.TrimSpace(body)}
		tried[i] = triedFile{File: path, Records: []client.Simulated{}}
	}
	signer := ""
	if d.key != nil {
		signer = d.key.Address().Hex()
	}
	s, err := d.client.SimulateUnder(ctx, signer, set, bodies...)
	if err != nil {
		return inFile(err, paths)
	}
	for _, r := range s.Records {
		if r.Body < 0 || r.Body >= len(tried) {
			return fmt.Errorf("the node answers of file %d, and was asked of %d", r.Body, len(tried))
		}
		tried[r.Body].Records = append(tried[r.Body].Records, r)
	}
	if err := print(cmd, tried, func(w io.Writer) { writeTried(w, tried) }); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "Nothing was recorded. Judged as if %s had signed it, after block %d.\n",
		trace.OneLine(cmp.Or(s.Signer.Name, s.Signer.Organisation)), s.AsOf.Height)
	return wouldBeRefused(tried)
}

// inFile says of which file a refusal speaks, and leaves the place within it.
func inFile(err error, paths []string) error {
	if len(paths) == 1 {
		return fmt.Errorf("%s: %w", paths[0], err)
	}
	p, ok := errors.AsType[*client.Problem](err)
	if !ok || len(p.Errors) == 0 {
		return err
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(p.Errors[0].Pointer, "/"), "/")
	i, fault := strconv.Atoi(first)
	if fault != nil || i < 0 || i >= len(paths) {
		return err
	}
	named := *p
	named.Errors = make([]client.Place, len(p.Errors))
	for j, place := range p.Errors {
		named.Errors[j] = client.Place{Pointer: strings.TrimPrefix(place.Pointer, "/"+first+"/body"), Detail: place.Detail}
	}
	return fmt.Errorf("%s: %w", paths[i], &named)
}

func writeTried(w io.Writer, tried []triedFile) {
	lines := []string{"RECORD\tVERDICT"}
	for _, file := range tried {
		for _, r := range file.Records {
			lines = append(lines, triedName(&r)+"\t"+verdictWords(r.Verdicts))
		}
	}
	rows(w, lines...)
}

func triedName(r *client.Simulated) string { return recordName(r.EventID, r.Kind, r.RecordHash) }

// recordName is what tells a record from others in a table.
func recordName(eventID string, kind epcis.Kind, hash string) string {
	if eventID != "" {
		return eventID
	}
	return string(kind) + " " + short(hash)
}

// wouldBeRefused is an error that names what would be refused, nil when nothing
// would.
func wouldBeRefused(tried []triedFile) error {
	var errs []error
	for _, file := range tried {
		for _, r := range file.Records {
			if r.Rejected && !recordedBefore(r.Verdicts) {
				errs = append(errs, fmt.Errorf("%s: %s would be refused: %s%s", file.File, triedName(&r), verdictWords(r.Verdicts), wayOut(r.Verdicts)))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return refusedError{err}
	}
	return nil
}

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// maxInput bounds what a file may make a command hold in memory: as much as the
// client takes of a node, which every dossier it wrote is within.
const maxInput = 256 << 20

// readInput reads a file, or standard input for "-". Whoever interrupts is not kept
// waiting for what comes in: the read that goes on ends with the process.
func readInput(cmd *cobra.Command, path string) ([]byte, error) {
	type read struct {
		data []byte
		err  error
	}
	done := make(chan read, 1)
	go func() {
		var r read
		if path == "-" {
			r.data, r.err = readBounded(cmd.InOrStdin(), path, maxInput)
		} else {
			r.data, r.err = readFile(path)
		}
		done <- r
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-cmd.Context().Done():
		return nil, fmt.Errorf("read %s: %w", inputName(path), context.Cause(cmd.Context()))
	}
}

// readFile reads a file that a command was given. Its errors are usage errors.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, usageError{err}
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > maxInput {
		return nil, tooLong(path, maxInput)
	}
	return readBounded(f, path, maxInput)
}

func readBounded(r io.Reader, path string, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, usageError{err}
	}
	if int64(len(data)) > most {
		return nil, tooLong(path, most)
	}
	return plain(data, path, most)
}

// plain takes off what others put around a document on its way: gzip, which a node
// answers with to whoever takes it, and the byte order mark that editors leave.
func plain(data []byte, path string, most int64) ([]byte, error) {
	if bytes.HasPrefix(data, []byte("\x1f\x8b")) {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err == nil {
			data, err = io.ReadAll(io.LimitReader(z, most+1))
		}
		if err != nil {
			return nil, usagef("%s is gzip, and does not unpack: %w", inputName(path), err)
		}
		if int64(len(data)) > most {
			return nil, tooLong(path, most)
		}
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, usagef("%s is text in UTF-16: save it as UTF-8", inputName(path))
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, usagef("%s is empty", inputName(path))
	}
	return data, nil
}

func tooLong(path string, most int64) error {
	return usagef("%s has more than the %d bytes that are read of a file, unpacked", inputName(path), most)
}

package api_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/api"
)

// A 1 GiB body of zeros in a megabyte of gzip is refused after the first few
// megabytes, whatever the limit.
func TestGzipBomb(t *testing.T) {
	reader, writer := io.Pipe()
	go func() {
		z := gzip.NewWriter(writer)
		zeros := make([]byte, 1<<20)
		for range 1 << 10 {
			if _, err := z.Write(zeros); err != nil {
				return // refused: nobody reads on
			}
		}
		_ = z.Close()
		_ = writer.Close()
	}()
	defer reader.Close()
	h := newAPI(t, newMemory(t), api.Limits{BodyBytes: 1 << 30, InWorkBytes: 1 << 30})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := httptest.NewRequest("POST", "/epcis/capture", reader)
	r.Header.Set("Authorization", "Bearer "+captureKey)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Encoding", "gzip")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	runtime.ReadMemStats(&after)
	if w.Code != 413 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 32<<20 {
		t.Errorf("it cost %d MiB", grown>>20)
	}
}

func TestGzip(t *testing.T) {
	m := newMemory(t)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprint(z, documentOf(event("x:1")))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	w := do(t, newAPI(t, m, api.Limits{}), call{"POST", "/epcis/capture", captureKey, b.String(), map[string]string{"Content-Encoding": "gzip"}})
	if w.Code != 202 || m.captured != 1 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
}

// A client that stops in the middle of its body is not waited for.
func TestSlowBody(t *testing.T) {
	server := httptest.NewServer(newAPI(t, newMemory(t), api.Limits{RequestTimeout: 100 * time.Millisecond}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST /epcis/capture HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", captureKey)
	answer := make([]byte, 64)
	n, err := conn.Read(answer)
	if err != nil || !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 408") {
		t.Fatalf("%q %v", answer[:n], err)
	}
}

// A client that sends its whole body before it reads gets to see why it was
// refused, too.
func TestRefusedBodyIsReadOut(t *testing.T) {
	server := httptest.NewServer(newAPI(t, newMemory(t), api.Limits{BodyBytes: 8 << 20, InWorkBytes: 8 << 20}))
	defer server.Close()
	body := bytes.Repeat([]byte("x"), 40<<20)
	for _, k := range []struct {
		name, key, media, want string
	}{
		{"too large", captureKey, "application/json", " 413 "},
		{"of another type", captureKey, "text/plain", " 415 "},
		{"without a key", "nobody's", "application/json", " 401 "},
	} {
		t.Run(k.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST /epcis/capture HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", k.key, k.media, len(body))
			if _, err := conn.Write(body); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(conn).ReadString('\n')
			if err != nil || !strings.Contains(line, k.want) {
				t.Fatalf("%q, %v", line, err)
			}
		})
	}
}

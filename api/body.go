package api

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/epcis"
)

// ratioAllowance is how much a compressed body may grow to before its ratio
// counts: small documents repeat themselves a lot.
const ratioAllowance = 1 << 20

// readBody checks the content type and reads the whole body, decompressed,
// within the limits. It holds room for the body among all bodies in work;
// release gives it back, once, when the body is no longer needed.
func (a *API) readBody(c echo.Context, types ...string) (body []byte, release func(), err error) {
	r := c.Request()
	if err := checkContentType(r, types); err != nil {
		return nil, nil, err
	}
	limit := a.limits.BodyBytes
	if r.ContentLength > limit {
		return nil, nil, fail(reasonTooLarge, "the body has %d bytes, the limit is %d", r.ContentLength, limit)
	}
	encoding := strings.ToLower(r.Header.Get("Content-Encoding"))
	room := limit
	if r.ContentLength >= 0 && (encoding == "" || encoding == "identity") {
		room = r.ContentLength
	}
	if err := a.inWork.Acquire(r.Context(), room); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = ErrBusy
		}
		return nil, nil, err
	}
	release = func() { a.inWork.Release(room) }
	// A client that stops sending must not keep its room. The deadline stays
	// after a failure, or the server would wait for the rest of the body. Not
	// every writer has a deadline to set (those of tests have none).
	conn := http.NewResponseController(c.Response())
	if conn.SetReadDeadline(time.Now().Add(a.limits.RequestTimeout)) == nil {
		defer func() {
			if err == nil {
				_ = conn.SetReadDeadline(time.Time{})
			}
		}()
	}
	switch encoding {
	case "", "identity":
		body, err = readPlain(r, limit)
	case "gzip":
		body, err = readGzip(r, limit, a.limits.CompressRatio)
	default:
		err = fail(reasonMediaType, "Content-Encoding %q is not supported", encoding)
	}
	if err == nil && len(body) == 0 {
		f := fail(reasonValidation, "the request has no body")
		f.errors, f.next = []Place{{Detail: f.detail}}, "Send the document as the body of the request."
		err = f
	}
	if err == nil && slices.Contains(types, "application/json") && epcis.LooksLikeXML(body) {
		f := fail(reasonValidation, "the body is XML, and is sent as JSON")
		f.errors, f.next = []Place{{Detail: f.detail}}, insteadOfXML
		err = f
	}
	if err != nil {
		release()
		return nil, nil, err
	}
	return body, release, nil
}

// How long the rest of a refused body may take, and how many times the limit it may be.
const (
	readOutPatience = 15 * time.Second
	readOutFactor   = 16
)

// readOut reads what is left of a refused body. A client that is still sending
// when the connection closes loses it before it has read why: the connection is
// reset. Far larger bodies are not worth it, nor those that a client keeps back
// until it is told to go on.
func (a *API) readOut(c echo.Context) {
	r := c.Request()
	most := readOutFactor * a.limits.BodyBytes
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength > most || r.Header.Get("Expect") != "" {
		return
	}
	if http.NewResponseController(c.Response()).SetReadDeadline(time.Now().Add(readOutPatience)) != nil {
		return // a writer without a connection, as tests have
	}
	_, _ = io.CopyN(io.Discard, r.Body, most) // whatever ends it: the answer goes out now
}

const insteadOfXML = "Convert the document to EPCIS 2.0 in JSON and send it as application/json or application/ld+json."

func checkContentType(r *http.Request, types []string) error {
	header := r.Header.Get("Content-Type")
	media, params, err := mime.ParseMediaType(header)
	if strings.HasSuffix(media, "xml") && slices.Contains(types, "application/json") {
		f := fail(reasonMediaType, "the content type is %q, and EPCIS XML is not taken", header)
		f.next = insteadOfXML
		return f
	}
	if header == "" {
		return fail(reasonMediaType, "the request names no content type, and this path takes %s", strings.Join(types, " or "))
	}
	if err != nil || !slices.Contains(types, media) {
		return fail(reasonMediaType, "the content type is %q, and this path takes %s", header, strings.Join(types, " or "))
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return fail(reasonMediaType, "the charset is %q, and JSON is UTF-8", charset)
	}
	return nil
}

func readPlain(r *http.Request, limit int64) ([]byte, error) {
	body := make([]byte, 0, min(max(r.ContentLength, 0), limit)+512)
	lr := io.LimitReader(r.Body, limit+1)
	for {
		n, err := lr.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if int64(len(body)) > limit {
			return nil, fail(reasonTooLarge, "the limit is %d bytes", limit)
		}
		if errors.Is(err, io.EOF) {
			return body, nil
		}
		if err != nil {
			return nil, unreadable(r, err)
		}
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
	}
}

// readGzip decompresses up to the limit and gives up as soon as the body has
// grown past the allowed ratio: a bomb is refused after its first kilobytes.
func readGzip(r *http.Request, limit, ratio int64) ([]byte, error) {
	counted := &countingReader{r: io.LimitReader(r.Body, limit+1)}
	zr, err := gzip.NewReader(counted)
	if err != nil {
		return nil, badGzip(r, err)
	}
	var body []byte
	chunk := make([]byte, 64<<10)
	for {
		n, err := zr.Read(chunk)
		body = append(body, chunk[:n]...)
		size := int64(len(body))
		if size > limit {
			return nil, fail(reasonTooLarge, "the limit is %d bytes after decompression", limit)
		}
		if size > ratioAllowance && size > ratio*counted.n {
			return nil, fail(reasonTooLarge, "the body grows more than %d times when decompressed", ratio)
		}
		if errors.Is(err, io.EOF) {
			return body, nil
		}
		if err != nil {
			return nil, badGzip(r, err)
		}
	}
}

func badGzip(r *http.Request, err error) error {
	if r.Context().Err() != nil || errors.Is(err, os.ErrDeadlineExceeded) {
		return unreadable(r, err)
	}
	return &fault{reason: reasonBadRequest, detail: "the body is not valid gzip", cause: err}
}

// unreadable is a body that the client stopped sending.
func unreadable(r *http.Request, err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(r.Context().Err(), context.Canceled) {
		return &fault{reason: reasonCanceled, detail: "the body did not arrive in time", cause: err}
	}
	if cause := r.Context().Err(); cause != nil {
		return fmt.Errorf("read the body: %w", cause)
	}
	return &fault{reason: reasonBadRequest, detail: "the body ended early", cause: err}
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

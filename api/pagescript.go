package api

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/web"
	"github.com/waymark-ledger/waymark/web/verify"
)

// scriptPolicy is of a script that is opened by itself, or runs as a worker: it
// may load its modules and ask nobody anything.
const scriptPolicy = "default-src 'none'; script-src 'self'; frame-ancestors 'none'"

// lasting is an answer that stays the same, packed once.
type lasting struct {
	media         string
	plain, packed []byte
	hash          string // of plain
	cache         string // Cache-Control
}

func newLasting(media, cache string, plain []byte) (*lasting, error) {
	sum := sha256.Sum256(plain)
	l := &lasting{media: media, cache: cache, plain: plain, hash: hex.EncodeToString(sum[:])}
	var err error
	if l.packed, err = pack(plain, gzip.BestCompression); err != nil {
		return nil, fmt.Errorf("api: pack %s: %w", media, err)
	}
	return l, nil
}

// answer answers the bytes, or 304 to who has them.
func (l *lasting) answer(c echo.Context) error {
	body, tag := l.plain, `"`+l.hash+`"`
	h := c.Response().Header()
	if quality(c.Request().Header.Get("Accept-Encoding"), "gzip") > 0 {
		body, tag = l.packed, `"`+l.hash+`-gzip"` // a strong tag is of one encoding (RFC 9110, section 8.8.3)
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", l.cache)
	h.Set("ETag", tag)
	if matches(c.Request().Header.Get("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, l.media, body)
}

// matches reads If-None-Match (RFC 9110, section 13.1.2), which compares weakly.
func matches(header, tag string) bool {
	for _, t := range strings.Split(header, ",") {
		if t = strings.TrimSpace(t); t == "*" || strings.TrimPrefix(t, "W/") == tag {
			return true
		}
	}
	return false
}

// scripts are the modules by name, and the hash over all of them that stands in
// their path: they import one another, so they are of one version or none.
type scripts struct {
	hash  string
	files map[string]*lasting
}

// path is where a page finds a script.
func (s *scripts) path(name string) string { return "/assets/" + s.hash + "/" + name }

var packedScripts = sync.OnceValues(func() (*scripts, error) {
	s := &scripts{files: map[string]*lasting{}}
	of := sha256.New()
	add := func(name string, source []byte) error {
		fmt.Fprintf(of, "%s %d\n%s", name, len(source), source)
		l, err := newLasting("text/javascript; charset=utf-8", "public, max-age=31536000, immutable", source)
		s.files[name] = l
		return err
	}
	names, err := fs.Glob(web.Scripts, "*.js")
	if err != nil {
		return nil, fmt.Errorf("api: list the scripts: %w", err)
	}
	for _, name := range names {
		source, err := web.Scripts.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("api: read the scripts: %w", err)
		}
		if err := add(name, source); err != nil {
			return nil, err
		}
	}
	if err := add("verify.js", verify.Module); err != nil {
		return nil, err
	}
	all, err := tongues()
	if err != nil {
		return nil, err
	}
	for _, l := range all {
		words, err := json.Marshal(l.Check)
		if err != nil {
			return nil, fmt.Errorf("api: write the words of %s: %w", l.Tag, err)
		}
		if err := add("words-"+l.Tag+".js", append([]byte("export default "), words...)); err != nil {
			return nil, err
		}
	}
	s.hash = hex.EncodeToString(of.Sum(nil)[:16])
	return s, nil
})

func (a *API) getAsset(c echo.Context) error {
	l := a.scripts.files[c.Param("file")]
	if l == nil || c.Param("hash") != a.scripts.hash {
		f := fail(reasonNoResource, "this node has no such script")
		f.next = "Load the page again: it names the scripts that the node has now."
		return f
	}
	c.Response().Header().Set("Content-Security-Policy", scriptPolicy)
	return l.answer(c)
}

// getGenesis answers the network's genesis document, byte for byte: its hash is
// the network's name. A browser keeps it and asks whether it is still this node's,
// as the same address may serve another network tomorrow.
func (a *API) getGenesis(c echo.Context) error {
	l, err := a.genesis()
	if err != nil {
		return err
	}
	return l.answer(c)
}

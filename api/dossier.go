package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/proof"
)

// DossierMedia is the media type of a dossier.
const DossierMedia = "application/vnd.waymark.dossier+json"

// wantsDossier tells who asks a page's path for proof instead: by the media type
// or by ?proof.
func wantsDossier(c echo.Context) bool {
	return isPage(c.Path()) && (c.QueryParams().Has("proof") || strings.Contains(strings.ToLower(c.Request().Header.Get("Accept")), DossierMedia))
}

func (a *API) getDossier(c echo.Context) error {
	q, err := strictQuestion(c, "continue", "height")
	if err != nil {
		return err
	}
	return a.answerDossier(c, q)
}

// answerDossier answers the proof of a journey, or of there being none: of an
// unknown id too.
func (a *API) answerDossier(c echo.Context, q question) error {
	height, err := heightParameter(c, "height")
	if err != nil {
		return err
	}
	p, err := a.provable(c, height)
	if err != nil {
		return err
	}
	defer a.closeSnapshot(p)
	d, err := a.buildDossier(c, p, q)
	if err != nil {
		return err
	}
	if d.Rest != nil {
		p.Keep()
	}
	b, err := d.Encode()
	if err != nil {
		return fmt.Errorf("write the dossier of %s: %w", d.ID, err)
	}
	c.Response().Header().Set("Content-Disposition", `inline; filename="waymark-dossier.json"`)
	return answerPacked(c, DossierMedia, b)
}

func (a *API) buildDossier(c echo.Context, p *Provable, q question) (*proof.Dossier, error) {
	ctx := c.Request().Context()
	o := proof.BuildOptions{Direction: q.direction, MaxNodes: a.limits.TraceNodes, MaxRecords: a.limits.DossierRecords,
		Stop: a.budget(ctx), Continue: q.continuation}
	if q.at != nil {
		if _, err := rootsAt(p, *q.at); err != nil {
			return nil, err
		}
		if *q.at == 0 {
			return nil, fail(reasonUnknownThing, "at height 0 there are no records")
		}
		if block := p.Checkpoint.Block.Header.Height; *q.at >= block { // an idle network's last block, read after a restart
			return nil, fail(reasonUnknownThing, "block %d, the last one that proves anything, answers for nothing after height %d", block, block-1)
		}
		if q.continuation != "" {
			return nil, fail(reasonQueryParameter, "a continuation is of today: ask for it without at")
		}
		o.At = *q.at
	}
	id, err := a.asked(p, q.id)
	if err != nil {
		return nil, err
	}
	d, err := proof.Build(p, p.Checkpoint, id, o)
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, fmt.Errorf("dossier: %w", ctx.Err())
	}
	if err != nil {
		return nil, fmt.Errorf("dossier of %s: %w", id, err)
	}
	return d, nil
}

// answerPacked answers with gzip whoever takes it: hashes do not shrink, but
// records that resemble each other do, to a third and less.
func answerPacked(c echo.Context, media string, b []byte) error {
	h := c.Response().Header()
	h.Add("Vary", "Accept-Encoding")
	if quality(c.Request().Header.Get("Accept-Encoding"), "gzip") == 0 {
		return c.Blob(http.StatusOK, media, b)
	}
	packed, err := pack(b, gzip.DefaultCompression)
	if err != nil {
		return fmt.Errorf("pack the answer: %w", err)
	}
	h.Set("Content-Encoding", "gzip")
	return c.Blob(http.StatusOK, media, packed)
}

// pack is b with gzip (RFC 1952) at one of package gzip's levels.
func pack(b []byte, level int) ([]byte, error) {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, level)
	if err == nil {
		_, err = z.Write(b)
		err = errors.Join(err, z.Close())
	}
	return packed.Bytes(), err
}

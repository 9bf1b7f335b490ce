package api

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/trace"
)

// explanationJSON is the reasoning behind a verdict, read at one height.
type explanationJSON struct {
	AsOf asOf `json:"asOf"`
	*trace.Explanation
}

// getExplain answers why a record was judged as it was: JSON to a program that
// asks for it, sentences to everybody else.
func (a *API) getExplain(c echo.Context) error {
	seq, err := number(c, "seq")
	if err != nil {
		return err
	}
	asJSON, err := wantsJSON(c.Request())
	if err != nil {
		return err
	}
	s, err := a.snapshot()
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	e, err := trace.Explain(s, seq, trace.Words{Organisation: namesIn(s).name, Rule: ruleWords, Ruleset: rulesetsIn(s)})
	if errors.Is(err, trace.ErrUnknown) {
		return noRecord(s, seq)
	}
	if err != nil {
		return fmt.Errorf("explain record %d: %w", seq, err)
	}
	c.Response().Header().Add("Vary", "Accept")
	if asJSON {
		return answerJSON(c, http.StatusOK, explanationJSON{readAt(s), e})
	}
	var text bytes.Buffer
	if err := e.Text(&text); err != nil {
		return fmt.Errorf("write the explanation of record %d: %w", seq, err)
	}
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", text.Bytes())
}

// wantsJSON tells a program that asks for JSON from whoever reads text.
func wantsJSON(r *http.Request) (bool, error) {
	accept := r.Header.Get("Accept")
	text, program := quality(accept, "text/plain"), quality(accept, "application/json")
	if accept != "" && text == 0 && program == 0 {
		f := fail(reasonNotAcceptable, "Accept is %q, and this path answers text/plain or application/json", accept)
		f.next = "Ask for text/plain or application/json."
		return false, f
	}
	return program > text, nil
}

// name is what a member is called, "" for who is none.
func (n *names) name(organisation string) (string, error) {
	member, err := n.member(organisation)
	if err != nil || member == nil {
		return "", err
	}
	return member.Name, nil
}

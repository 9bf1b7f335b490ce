package api

import (
	_ "embed"
	"net/http"

	"github.com/labstack/echo/v4"
)

// openapi describes every route; a test holds it to the router.
//
//go:embed openapi.json
var openapi []byte

func (a *API) getHealth(c echo.Context) error {
	return answerJSON(c, http.StatusOK, map[string]string{"status": "ok", "version": a.version})
}

func (a *API) getReady(c echo.Context) error {
	s := a.backend.Status()
	if !s.Ready {
		reason := s.Reason
		if reason == "" {
			reason = "it is still starting"
		}
		return fail(reasonNotReady, "%s", reason)
	}
	return answerJSON(c, http.StatusOK, map[string]any{"status": "ready", "height": s.Height})
}

func (a *API) getOpenAPI(c echo.Context) error {
	return c.Blob(http.StatusOK, "application/json", openapi)
}

package api

import "github.com/labstack/echo/v4"

// OpenAPI is the embedded document.
func OpenAPI() []byte { return openapi }

// Routes lists what the router serves.
func Routes(a *API) []*echo.Route { return a.echo.Routes() }

// RuleWords are what a rule is called and what it demands.
var RuleWords = ruleWords

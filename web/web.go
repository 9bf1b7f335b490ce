// Package web holds what browsers are served: templates, one style sheet and
// the scripts that check a journey on the reader's device, embedded.
//
// Its promise: pages that work on any phone without script, without a request
// to anybody else, and in light and dark. It imports nothing of Waymark and
// knows no HTTP; whoever renders a template decides what it shows.
package web

import "embed"

// Templates are html/template files: layout.html frames start.html,
// journey.html and problem.html.
//
//go:embed *.html
var Templates embed.FS

// Words are the catalogues of the languages that pages speak, one a language: words/TAG.json.
//
//go:embed words/*.json
var Words embed.FS

// Style is the one style sheet. Pages carry it inline and name its hash in
// their content security policy, so not a byte of it may change on the way.
//
//go:embed style.css
var Style string

// Scripts are ES modules by hand, served beside verify.js, the module of
// web/verify. A page loads check.js alone; that loads the others when it is asked
// to check.
//
//go:embed *.js
var Scripts embed.FS

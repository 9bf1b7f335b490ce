// Package web holds what browsers are served: templates and styles, embedded.
//
// Its promise: it imports nothing of Waymark and knows no HTTP; whoever renders
// it decides what it shows.
package web

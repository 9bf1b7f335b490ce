package epcis

import (
	"fmt"
	"strconv"
	"strings"
)

// SyntaxError says where and why bytes are not a record. ParseJSON and Decode
// return no other error.
type SyntaxError struct {
	Pointer string // JSON Pointer (RFC 6901) to the place; "" is the whole text
	Offset  int    // byte offset of the place
	Reason  string // a plain phrase
}

// Error names the place and the reason.
func (e *SyntaxError) Error() string {
	if e.Pointer == "" {
		return fmt.Sprintf("byte %d: %s", e.Offset, e.Reason)
	}
	return fmt.Sprintf("%s (byte %d): %s", e.Pointer, e.Offset, e.Reason)
}

// Problem is one thing that is wrong with a submitted document.
type Problem struct {
	Pointer string `json:"pointer"` // JSON Pointer (RFC 6901) into the submitted document; "" is all of it
	Reason  string `json:"reason"`  // a plain sentence
}

// InvalidError carries what is wrong with a submitted document: at least one
// problem, at most MaxProblems, in the order of their pointers.
type InvalidError struct {
	Problems []Problem
}

// MaxProblems bounds an InvalidError.
const MaxProblems = 50

// Error names the first problem and counts the rest.
func (e *InvalidError) Error() string {
	if len(e.Problems) == 0 {
		return "the document is not valid"
	}
	first := e.Problems[0]
	place := first.Pointer
	if place == "" {
		place = "the document"
	}
	if len(e.Problems) == 1 {
		return place + ": " + first.Reason
	}
	return fmt.Sprintf("%s: %s (and %d more problems)", place, first.Reason, len(e.Problems)-1)
}

// pointerName is the step of a JSON Pointer into a member.
func pointerName(name string) string {
	if strings.ContainsAny(name, "~/") {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
	}
	return "/" + name
}

// pointerIndex is the step of a JSON Pointer into an array.
func pointerIndex(i int) string { return "/" + strconv.Itoa(i) }

// at is a fault at v itself.
func at(v *Value, reason string) *SyntaxError {
	return &SyntaxError{Offset: v.Start, Reason: reason}
}

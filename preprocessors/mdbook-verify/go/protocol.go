package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// schema is the version of the answer's format.
const schema = 1

// A request says what was changed and where to look for the consequences.
type request struct {
	Dir     string            `json:"dir"`     // working directory of the go command
	Roots   []string          `json:"roots"`   // patterns: the packages that may depend on touched ones
	Touched []string          `json:"touched"` // absolute names of the Go files created or changed
	Overlay map[string]string `json:"overlay"` // absolute file name to the content it shall have
	Store   string            `json:"store"`   // absolute folder for what later runs may use; "" for none
}

// An answer is what was checked and what is wrong with it.
type answer struct {
	Schema          int               `json:"schema"`
	Packages        []string          `json:"packages"`         // checked: touched ones and dependents
	TouchedPackages []string          `json:"touched_packages"` // the touched ones of Packages
	Loaded          int               `json:"loaded"`           // all packages type-checked, with dependencies
	Files           map[string]string `json:"files"`            // touched file to the package it is compiled into
	Ignored         []ignoredFile     `json:"ignored"`          // touched files in no checked package
	Errors          []diagnostic      `json:"errors"`
	Seconds         seconds           `json:"seconds"`
}

// An ignoredFile is a touched file that no build of this configuration compiles.
type ignoredFile struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

// The kinds of a diagnostic name who found it.
const (
	kindList  = "list"  // the go command, while it looked for packages
	kindParse = "parse" // the parser
	kindType  = "type"  // the type checker
)

// A diagnostic is one error. Lines and columns count from 1, columns in bytes.
type diagnostic struct {
	Kind    string `json:"kind"`
	Package string `json:"package"`
	place
	Message string         `json:"message"`
	Related []relatedPlace `json:"related,omitempty"` // such as the other declaration of a name
}

// A relatedPlace explains a diagnostic from elsewhere.
type relatedPlace struct {
	place
	Message string `json:"message"`
}

// A place is a range in a file. File is empty when the error is in no file, End
// is zero when the syntax does not tell where the fault ends.
type place struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"end_line,omitempty"`
	EndColumn int    `json:"end_column,omitempty"`
}

// seconds is the wall time of the two stages.
type seconds struct {
	List  float64 `json:"list"`
	Check float64 `json:"check"`
}

// readRequest decodes and checks the request. Fields it does not know are
// errors: a misspelt "overlay" must not silently check the wrong text.
func readRequest(in io.Reader) (*request, error) {
	dec := json.NewDecoder(in)
	dec.DisallowUnknownFields()
	var req request
	if err := dec.Decode(&req); err != nil {
		return nil, fmt.Errorf("the request on standard input is not the expected JSON object: %w; see protocol.go for its fields", err)
	}
	if err := dec.Decode(&struct{}{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("standard input goes on after the request; send exactly one JSON object")
	}
	return &req, req.validate()
}

// validate checks what the later steps rely on and cleans the file names.
func (req *request) validate() error {
	if !filepath.IsAbs(req.Dir) {
		return fmt.Errorf("dir %q is not an absolute path; give the folder in which the go command shall run", req.Dir)
	}
	if info, err := os.Stat(req.Dir); err != nil {
		return fmt.Errorf("dir cannot be used: %w; give an existing folder", err)
	} else if !info.IsDir() {
		return fmt.Errorf("dir %q is not a folder; give the folder in which the go command shall run", req.Dir)
	}
	if len(req.Roots) == 0 {
		return errors.New("roots is empty; give at least one package pattern such as ./...")
	}
	if req.Store != "" && !filepath.IsAbs(req.Store) {
		return fmt.Errorf("store %q is not an absolute path; give its full name", req.Store)
	}
	for i, file := range req.Touched {
		if !filepath.IsAbs(file) {
			return fmt.Errorf("the touched file %q has no absolute path; give its full name", file)
		}
		req.Touched[i] = filepath.Clean(file)
	}
	slices.Sort(req.Touched)
	req.Touched = slices.Compact(req.Touched)
	overlay := make(map[string]string, len(req.Overlay))
	for file, text := range req.Overlay {
		if !filepath.IsAbs(file) {
			return fmt.Errorf("the overlay file %q has no absolute path; give its full name", file)
		}
		overlay[filepath.Clean(file)] = text
	}
	req.Overlay = overlay
	return nil
}

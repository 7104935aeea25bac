// Verify-go reports every type error that a set of changed Go files causes, in
// their own packages and in the packages that depend on them.
//
// It reads one JSON request from standard input and writes one JSON answer to
// standard output; protocol.go describes both. The work goes through these
// steps, which verify.go puts together:
//
//	list.go      asks the go command which packages there are, without compiling
//	listcache.go remembers the answer (store.go) as long as it must be the same
//	select.go    finds the touched packages and those that depend on them
//	ignored.go   says why a touched file is in no package
//	load.go      parses what is needed: checked packages in full, and of their
//	             dependencies the declarations (outline.go) that types depend
//	             on (needs.go)
//	exports.go   leaves out what an earlier run found nothing wrong with, and
//	             reads the types of what did not change (keys.go) from the store
//	check.go     type-checks the rest from source, in parallel
//	diagnose.go  turns what the go command, the parser and the type checker said
//	             into one list, without repetitions and without the errors that
//	             another explains (followup.go)
//	position.go  finds the range an error is about; listplace.go does so where
//	             the go command gives no position
//
// No step runs the compiler or reads compiled packages, so a cold build cache
// costs nothing, and one error hides no other: go vet would stop at the first
// error of a package, go build at the tenth. The store changes the time that an
// answer takes and nothing else.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

func main() {
	tuneCollector()
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "verify-go: %v\n", err)
		os.Exit(2)
	}
}

// tuneCollector trades memory for time. The process lives for a second or two
// and frees little before its end, so most collecting is wasted work. Turning it
// off altogether was no faster and took half as much memory again.
func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// run answers one request. An error means that there is no answer; whatever is
// wrong with the checked source is part of the answer instead.
func run(in io.Reader, out io.Writer) error {
	req, err := readRequest(in)
	if err != nil {
		return err
	}
	ans, err := verify(req)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(ans); err != nil {
		return fmt.Errorf("the answer could not be written to standard output: %w", err)
	}
	return nil
}

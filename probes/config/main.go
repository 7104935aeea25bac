// Probe config judges OpenIM's YAML with OpenIM's own code: it loads a text as the server does, into
// the server's types, and then holds it against them once more, exactly. The loader ignores keys that
// it does not know and turns most types into others; a guide may rely on neither.
//
// mdbook-verify compiles it together with the server as the guide leaves it, so it knows what the
// guide adds. It is called with the schema's name and the file's path, in the server's folder. What
// differs between upstream's versions stands in main_branch.go and release.go; the verifier compiles
// the one of the edition that it checks.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/openimsdk/tools/errs"
	"gopkg.in/yaml.v3"
)

// A finding is one line of a probe's answer.
type finding struct {
	Message string   `json:"message"`
	Help    string   `json:"help,omitempty"`
	Path    []any    `json:"path,omitempty"`
	Key     bool     `json:"key,omitempty"`
	Known   []string `json:"known,omitempty"`
}

// A document is the text in question, and what was found about it so far.
type document struct {
	path  string
	text  []byte
	root  *yaml.Node
	found []finding
}

func (d *document) add(found finding) {
	d.found = append(d.found, found)
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: config SCHEMA PATH < text")
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	d := &document{path: os.Args[2], text: text}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		log.Fatalf("yaml.v3, which the server uses, refuses the text: %v", err)
	}
	if len(root.Content) > 0 {
		d.root = root.Content[0]
	}
	switch schema := os.Args[1]; schema {
	case "auth-service":
		authService(d)
	case "share":
		share(d)
	case "discovery":
		discovery(d)
	case "start-config":
		startConfig(d)
	default:
		log.Fatalf("the probe knows no schema %q", schema)
	}
	out := json.NewEncoder(os.Stdout)
	for _, found := range d.found {
		if err := out.Encode(found); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(`{"checked": true}`)
}

// load reads the text twice: exactly, and as the server does. What the server refuses is said only
// if exact reading found nothing, since that knows the places. Values are worth a look only if all is
// well so far.
func load[T any](d *document) (*T, bool) {
	into := new(T)
	d.exact(tag, into)
	if err := d.asServer(into); err != nil && len(d.found) == 0 {
		d.add(finding{Message: fmt.Sprintf("the server cannot load this: %v", errs.Unwrap(err))})
	}
	return into, len(d.found) == 0
}

// asServer has the server's loader read the text from a file of the same name: the name decides
// which environment variables count.
func (d *document) asServer(into any) error {
	folder, err := os.MkdirTemp("", "probe")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, filepath.Base(d.path))
	if err := os.WriteFile(file, d.text, 0o600); err != nil {
		log.Fatal(err)
	}
	return loadFile(file, into)
}

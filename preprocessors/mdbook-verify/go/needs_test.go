package main

import (
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// Package dep imports one package for each way to use one; what is read tells
// by its name whether it must be. The types of dep must come out right from
// that: every variable of the checked package has a type of dep.
const needsModule = `
-- go.mod --
module example.com/m

go 1.25
-- a/a.go --
package a

import "example.com/m/dep"

var (
	_ int         = dep.Typed
	_ int         = dep.Called
	_ map[int]int = dep.Literal
	_ [3]int      = dep.Open
	_ int         = dep.Dotted
	_ int         = dep.Renamed
	_ func() int  = dep.Function
	_ int         = dep.Indirect
	_ []int       = dep.Inferred
)
-- dep/dep.go --
package dep

import (
	"example.com/m/unneeded1"
	"example.com/m/unneeded2"
	"example.com/m/unneeded3"
	"example.com/m/unneeded4"
	"example.com/m/unneeded5"
	_ "example.com/m/unneeded6"
	"example.com/m/needed1"
	"example.com/m/needed2"
	. "example.com/m/needed3"
	other "example.com/m/needed4"
	"example.com/m/needed5"
)

func body() { unneeded1.F() }

var Typed int = unneeded2.F()

var _ = unneeded3.F()

var Literal = map[int]int{1: unneeded4.F()}

func nobodyCalls(unneeded5.T) {}

var Called = needed1.F()

var Open = [...]int{needed2.Two: 0}

var Dotted = F()

var Renamed = other.F()

var Function = func() int { return unneeded1.F() }

var Indirect = somebodyCalls(nil)

func somebodyCalls(*needed5.T) int { return 0 }

var Inferred = generic(needed5.T(0), []int{unneeded4.F()})

func generic[T any](needed5.T, T) (result T) { return }
`

func TestLoadOnlyWhatTypesNeed(t *testing.T) {
	archive := txtar.Parse([]byte(needsModule))
	for _, name := range []string{"unneeded1", "unneeded2", "unneeded3", "unneeded4", "unneeded5", "unneeded6", "needed1", "needed2", "needed3", "needed4", "needed5"} {
		text := "package " + name + "\n\ntype T int\n\nconst Two = 2\n\nfunc F() int { return missing }\n"
		archive.Files = append(archive.Files, txtar.File{Name: name + "/p.go", Data: []byte(text)})
	}
	dir := t.TempDir()
	req, _ := unpack(t, archive, dir)
	prog := newLister(req).listProgram(req.Roots, nil)
	checked := map[string]bool{"example.com/m/a": true}
	fset := token.NewFileSet()
	nodes := loadNodes(prog, checked, nil, fset, nil)
	checkNodes(nodes, fset)

	for _, err := range nodes["example.com/m/a"].typeErrors {
		t.Errorf("the checked package has no errors: %v", err)
	}
	var loaded []string
	for id := range nodes {
		loaded = append(loaded, path.Base(id))
	}
	slices.Sort(loaded)
	if got, want := strings.Join(loaded, " "), "a dep needed1 needed2 needed3 needed4 needed5"; got != want {
		t.Errorf("loaded are %s and should be %s", got, want)
	}
}

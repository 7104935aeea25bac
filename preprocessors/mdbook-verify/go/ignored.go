package main

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A buildConfig knows which files the go command leaves out, and why.
type buildConfig struct {
	build.Context
	overlay map[string]string
}

// newBuildConfig takes GOOS, GOARCH and CGO_ENABLED from the environment, as
// the go command does.
func newBuildConfig(overlay map[string]string) *buildConfig {
	c := &buildConfig{Context: build.Default, overlay: overlay}
	c.CgoEnabled = c.CgoEnabled && os.Getenv("CGO_ENABLED") != "0"
	c.OpenFile = func(name string) (io.ReadCloser, error) {
		if text, ok := overlay[name]; ok {
			return io.NopCloser(strings.NewReader(text)), nil
		}
		return os.Open(name)
	}
	return c
}

// exclusion says why the file is part of no build in this configuration. It
// returns "" if nothing about the file itself tells.
func (c *buildConfig) exclusion(file string) string {
	name := filepath.Base(file)
	switch {
	case filepath.Ext(name) != ".go":
		return "it is not a Go file: its name does not end in .go"
	case !c.exists(file):
		return "there is no such file, neither on disk nor in the overlay"
	case strings.HasPrefix(name, "_") || strings.HasPrefix(name, "."):
		return fmt.Sprintf("the go command leaves out files whose names begin with %q", name[:1])
	case !matchesName(c.Context, name):
		return fmt.Sprintf("the file name suffix %s means another operating system or processor than %s/%s",
			platformSuffix(name), c.GOOS, c.GOARCH)
	}
	if matched, err := c.MatchFile(filepath.Split(file)); err == nil && !matched {
		return fmt.Sprintf("excluded by its build constraint %q on %s/%s", c.buildLine(file), c.GOOS, c.GOARCH)
	}
	if !c.CgoEnabled && c.importsC(file) {
		return `it imports "C" and cgo is turned off (CGO_ENABLED=0)`
	}
	return ""
}

func (c *buildConfig) exists(file string) bool {
	if _, ok := c.overlay[file]; ok {
		return true
	}
	info, err := os.Stat(file)
	return err == nil && info.Mode().IsRegular()
}

// matchesName reports whether a file of this name, without a constraint inside,
// is part of a build.
func matchesName(config build.Context, name string) bool {
	config.OpenFile = func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package p\n")), nil
	}
	matched, err := config.MatchFile("", name)
	return err != nil || matched
}

// platformSuffix returns the part of a file name that names its platform: the
// last word, or the last two if they are a system and a processor.
func platformSuffix(name string) string {
	words := strings.Split(strings.TrimSuffix(strings.TrimSuffix(name, ".go"), "_test"), "_")
	last := len(words) - 1
	if last >= 2 && isPlatform(words[last-1], words[last]) {
		return "_" + words[last-1] + "_" + words[last]
	}
	return "_" + words[last]
}

// isPlatform reports whether the go command takes two words for a system and a
// processor. If it looked at the second only, that one would be enough for it.
func isPlatform(system, processor string) bool {
	name := "x_" + system + "_" + processor + ".go"
	return !matchesName(build.Context{GOARCH: processor}, name) && !matchesName(build.Context{GOOS: processor}, name)
}

// buildLine returns the file's //go:build line.
func (c *buildConfig) buildLine(file string) string {
	syntax := c.parse(file, parser.PackageClauseOnly|parser.ParseComments)
	if syntax != nil {
		for _, group := range syntax.Comments {
			for _, comment := range group.List {
				if constraint.IsGoBuild(comment.Text) {
					return comment.Text
				}
			}
		}
	}
	return "// +build"
}

func (c *buildConfig) importsC(file string) bool {
	syntax := c.parse(file, parser.ImportsOnly)
	if syntax != nil {
		for _, spec := range syntax.Imports {
			if spec.Path.Value == `"C"` {
				return true
			}
		}
	}
	return false
}

// parse returns what can be parsed of the file, or nil.
func (c *buildConfig) parse(file string, mode parser.Mode) *ast.File {
	text, err := readSource(c.overlay, file)
	if err != nil {
		return nil
	}
	syntax, _ := parser.ParseFile(token.NewFileSet(), file, text, mode)
	return syntax
}

// noPackage says why a file that nothing excludes is in no package. The go
// command was asked about its folder and may have said something.
func noPackage(file string, folders []*packages.Package) string {
	dir := filepath.Dir(file)
	for _, pkg := range folders {
		if pkg.PkgPath == dir || pkg.Dir == dir {
			for _, e := range pkg.Errors {
				return "it is in no package that can be built: " + e.Msg
			}
		}
	}
	return "it is in no package that the go command finds; its folder may be outside of the modules in use"
}

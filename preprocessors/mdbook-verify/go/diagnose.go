package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// diagnose collects all errors of the checked packages.
func diagnose(prog *program, sel *selection, nodes map[string]*node, loc *locator, req *request) []diagnostic {
	d := &diagnosis{prog: prog, sel: sel, nodes: nodes, loc: loc, dir: req.Dir, touched: req.Touched}
	// The parser goes first: of two that say the same, the first is kept.
	d.parseErrors()
	d.listErrors()
	d.typeErrors()
	d.found = append(d.found, prog.problems...)
	return tidy(d.found)
}

type diagnosis struct {
	prog    *program
	sel     *selection
	nodes   map[string]*node
	loc     *locator
	dir     string
	touched []string

	found []diagnostic
}

func (d *diagnosis) parseErrors() {
	for id := range d.sel.suspects {
		n := d.nodes[id]
		for _, e := range n.parseErrors {
			at := place{File: e.Pos.Filename, Line: max(1, e.Pos.Line), Column: max(1, e.Pos.Column)}
			d.found = append(d.found, diagnostic{Kind: kindParse, Package: n.PkgPath, place: at, Message: e.Msg})
		}
	}
}

// listErrors reports what the go command said about the checked packages and
// all they import: any of it keeps them from being built.
func (d *diagnosis) listErrors() {
	closure := reach(maps.Keys(d.sel.checked), func(id string) []string {
		var ids []string
		for _, imported := range d.prog.packages[id].Imports {
			ids = append(ids, imported.ID)
		}
		return ids
	})
	for id := range closure {
		pkg := d.prog.packages[id]
		for _, e := range pkg.Errors {
			d.found = append(d.found, diagnostic{
				Kind:    kindList,
				Package: pkg.PkgPath,
				place:   d.listPlace(pkg, e),
				Message: strings.TrimSpace(e.Msg),
			})
		}
	}
}

// listPlace returns the place of an error of the go command. Two packages in a
// folder come with the place of an import or with none, and an import cycle
// with none, although the syntax has a better one.
func (d *diagnosis) listPlace(pkg *packages.Package, e packages.Error) place {
	if isClauseMismatch(e.Msg) {
		if at := d.clausePlace(pkg); at.File != "" {
			return at
		}
	}
	if p := parsePosition(d.dir, e.Pos); p.File != "" {
		return d.loc.withEnd(p)
	}
	if strings.HasPrefix(e.Msg, importCycle) {
		return d.cyclePlace(e.Msg)
	}
	return placeInText(d.dir, e.Msg)
}

// The type checker calls sub-errors those whose message begins with a tab: they
// belong to the one before.
const subError = "\t"

func (d *diagnosis) typeErrors() {
	follow := d.followUps()
	for id := range d.sel.suspects {
		n := d.nodes[id]
		kept := false // the error that a sub-error belongs to
		for _, e := range n.typeErrors {
			at := d.loc.ofTypeError(e)
			if at.File == "" && len(n.parseErrors) > 0 {
				continue // about syntax that the parser did not find, such as a closing brace
			}
			if sub, ok := strings.CutPrefix(e.Msg, subError); ok {
				if kept {
					last := &d.found[len(d.found)-1]
					last.Related = append(last.Related, relatedPlace{place: at, Message: sub})
				}
				continue
			}
			if kept = !follow.explain(n, at.File, e.Msg); kept {
				d.found = append(d.found, diagnostic{Kind: kindType, Package: n.PkgPath, place: at, Message: e.Msg})
			}
		}
	}
}

// tidy sorts the errors and removes repetitions, which come from packages that
// are checked twice, with and without tests, and from the go command, which
// parses too. A failed import is worth mentioning only if nothing explains it.
func tidy(found []diagnostic) []diagnostic {
	isImport := func(d diagnostic) bool { return strings.HasPrefix(d.Message, "could not import ") }
	if slices.ContainsFunc(found, func(d diagnostic) bool { return !isImport(d) }) {
		found = slices.DeleteFunc(found, isImport)
	}
	slices.SortStableFunc(found, compareDiagnostics)
	found = slices.CompactFunc(found, func(a, b diagnostic) bool { return compareDiagnostics(a, b) == 0 })
	if found == nil {
		found = []diagnostic{} // an empty list, not null
	}
	return found
}

// compareDiagnostics orders by place and message. The kind does not count.
func compareDiagnostics(a, b diagnostic) int {
	return cmp.Or(
		strings.Compare(a.File, b.File),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
		strings.Compare(a.Message, b.Message),
	)
}

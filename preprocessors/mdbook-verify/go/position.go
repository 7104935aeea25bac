package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// A locator turns positions of checked packages into places.
type locator struct {
	fset  *token.FileSet
	files map[string]*ast.File // by file name
}

func newLocator(fset *token.FileSet, nodes map[string]*node) *locator {
	l := &locator{fset: fset, files: make(map[string]*ast.File)}
	for _, n := range nodes {
		for _, file := range n.syntax {
			l.files[fset.File(file.FileStart).Name()] = file
		}
	}
	return l
}

// at returns the place of the range from pos to end, which may be NoPos. Line
// directives are not followed: the place is where the text really is.
func (l *locator) at(pos, end token.Pos) place {
	if !pos.IsValid() {
		return place{}
	}
	from := l.fset.PositionFor(pos, false)
	p := place{File: from.Filename, Line: from.Line, Column: from.Column}
	if end > pos {
		to := l.fset.PositionFor(end, false)
		p.EndLine, p.EndColumn = to.Line, to.Column
	}
	return p
}

// ofTypeError returns the place of the syntax that the type checker objects to.
func (l *locator) ofTypeError(err types.Error) place {
	end := reportedEnd(err)
	if end <= err.Pos {
		end = tokenEnd(l.files[l.fset.PositionFor(err.Pos, false).Filename], err.Pos)
	}
	return l.at(err.Pos, end)
}

// reportedEnd returns the end that the type checker noted. The field is not
// exported yet; gopls reads it in the same way. Without it the range shrinks
// to a name or a literal.
func reportedEnd(err types.Error) token.Pos {
	if field := reflect.ValueOf(err).FieldByName("go116end"); field.IsValid() && field.CanInt() {
		return token.Pos(field.Int())
	}
	return token.NoPos
}

// withEnd adds the end of the name or literal at a place that the go command
// gave, such as an import path.
func (l *locator) withEnd(p place) place {
	file := l.files[p.File]
	if file == nil {
		return p
	}
	lines := l.fset.File(file.FileStart)
	if p.Line > lines.LineCount() {
		return p
	}
	pos := lines.LineStart(p.Line) + token.Pos(p.Column-1)
	// An import with a name begins at the name; it is the path that is at fault.
	for _, spec := range file.Imports {
		if spec.Pos() == pos {
			return l.at(spec.Path.Pos(), spec.Path.End())
		}
	}
	if end := tokenEnd(file, pos); end.IsValid() {
		return l.at(pos, end)
	}
	return p
}

// tokenEnd returns the end of the name or literal that begins at pos, or NoPos.
func tokenEnd(file *ast.File, pos token.Pos) token.Pos {
	end := token.NoPos
	if file == nil {
		return end
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if n.Pos() == pos {
				end = n.End()
			}
		case *ast.BasicLit:
			if n.Pos() == pos {
				end = n.End()
			}
		}
		return n != nil && n.Pos() <= pos && pos < n.End()
	})
	return end
}

// parsePosition reads a position as the go command writes it: file:line:column,
// file:line, or something without a line. Files may be relative to dir.
func parsePosition(dir, text string) place {
	words := strings.Split(text, ":")
	var numbers []int
	for len(words) > 1 && len(numbers) < 2 {
		number, err := strconv.Atoi(words[len(words)-1])
		if err != nil {
			break
		}
		numbers = append([]int{number}, numbers...)
		words = words[:len(words)-1]
	}
	if len(numbers) == 0 {
		return place{}
	}
	p := place{File: strings.Join(words, ":"), Line: numbers[0], Column: 1}
	if len(numbers) == 2 {
		p.Column = numbers[1]
	}
	if !filepath.IsAbs(p.File) {
		p.File = filepath.Join(dir, p.File)
	}
	return p
}

// positionInText matches a position at the start of a line, after "go: " maybe.
var positionInText = regexp.MustCompile(`(?m)^\s*(?:go: )?([^\s:]+:\d+(?::\d+)?): `)

// placeInText finds the first position that a message of the go command names.
func placeInText(dir, text string) place {
	if match := positionInText.FindStringSubmatch(text); match != nil {
		return parsePosition(dir, match[1])
	}
	return place{}
}

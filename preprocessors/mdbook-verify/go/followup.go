package main

import (
	"maps"
	"strings"
)

// followUps knows the errors that another error explains: what a file that
// cannot be parsed would have declared is missing elsewhere.
type followUps struct {
	broken   map[string]bool // files with a syntax error
	affected map[*node]bool  // their packages and all that depend on those
}

func (d *diagnosis) followUps() *followUps {
	broken := make(map[string]bool)
	incomplete := make(map[*node]bool)
	for id := range d.sel.suspects {
		n := d.nodes[id]
		for _, e := range n.parseErrors {
			broken[e.Pos.Filename] = true
			incomplete[n] = true
		}
	}
	affected := reach(maps.Keys(incomplete), func(n *node) []*node { return n.users })
	return &followUps{broken, affected}
}

// explain reports whether a type error need not be told. In a broken file every
// one is guesswork; elsewhere only what is missing may be in the broken file.
func (f *followUps) explain(n *node, file, message string) bool {
	return f.broken[file] || f.affected[n] && isAboutMissing(message)
}

func isAboutMissing(message string) bool {
	return strings.HasPrefix(message, "undefined: ") ||
		strings.Contains(message, " undefined (") ||
		strings.Contains(message, "missing method ")
}

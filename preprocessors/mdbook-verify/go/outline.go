package main

// outline returns src without function bodies and without the comments after
// the package clause. What remains declares the same things, and parsing it
// costs a fraction of parsing src. Positions are not preserved: outlines are
// for packages whose errors nobody is shown.
//
// It reads tokens only as far as it takes to tell a body's brace from others.
// If the text is not what it expects, it returns src itself and leaves the
// rest to the parser.
func outline(src []byte) []byte {
	o := outliner{src: src, out: make([]byte, 0, len(src)/2)}
	if !o.run() {
		return src
	}
	return o.out
}

// An outliner copies src to out, piece by piece, leaving out what it skips.
type outliner struct {
	src    []byte
	out    []byte
	copied int // src[:copied] is in out or was left out

	depth      int    // of parentheses, brackets and braces that are open
	last       byte   // the last byte of the last token
	word       string // the last token if it was a word
	newline    bool   // a line ended after the last token
	header     bool   // inside a function declaration, before its body
	hasPackage bool   // the package clause has begun: no more build constraints
}

func (o *outliner) run() bool {
	for i := 0; i < len(o.src); {
		switch c := o.src[i]; {
		case c == '\n':
			o.endLine()
			i++
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case startsComment(o.src, i):
			end := skipComment(o.src, i)
			if end < 0 {
				return false
			}
			o.comment(i, end)
			i = end
		case isLetter(c):
			end := i + 1
			for end < len(o.src) && (isLetter(o.src[end]) || isDigit(o.src[end])) {
				end++
			}
			o.keyword(string(o.src[i:end]))
			i = end
		case c == '"' || c == '`' || c == '\'':
			end := skipQuoted(o.src, i)
			if end < 0 {
				return false
			}
			o.token(c, "")
			i = end
		case c == '{' && o.opensBody():
			end := skipBlock(o.src, i)
			if end < 0 {
				return false
			}
			o.cut(i, end)
			o.header = false
			o.token('}', "")
			i = end
		default:
			o.bracket(c)
			o.token(c, "")
			i++
		}
	}
	o.out = append(o.out, o.src[o.copied:]...)
	return o.depth == 0
}

// cut leaves src[from:to] out of the copy.
func (o *outliner) cut(from, to int) {
	o.out = append(o.out, o.src[o.copied:from]...)
	o.copied = to
}

// comment leaves a comment out. A comment over several lines ends a line, any
// other separates tokens, so each leaves the white space it stands for.
func (o *outliner) comment(from, to int) {
	if !o.hasPackage {
		return
	}
	o.cut(from, to)
	if o.src[from+1] == '/' {
		return
	}
	space := byte(' ')
	for _, c := range o.src[from:to] {
		if c == '\n' {
			space = '\n'
			o.endLine()
			break
		}
	}
	o.out = append(o.out, space)
}

// endLine notes the end of a line, which ends a function without a body.
func (o *outliner) endLine() {
	o.newline = true
	if o.depth == 0 && endsStatement(o.last) {
		o.header = false
	}
}

func (o *outliner) keyword(word string) {
	switch {
	case word == "package":
		o.hasPackage = true
	case word == "func" && o.depth == 0 && o.startsDeclaration():
		o.header = true
	}
	o.token(word[len(word)-1], word)
}

// startsDeclaration tells a function declaration from a function type or
// literal: only the former follows a semicolon, be it written or automatic.
func (o *outliner) startsDeclaration() bool {
	return o.last == ';' || o.newline && endsStatement(o.last)
}

// opensBody tells a body's brace from those of a struct or interface type in
// the function's signature.
func (o *outliner) opensBody() bool {
	return o.header && o.depth == 0 && o.word != "struct" && o.word != "interface"
}

func (o *outliner) bracket(c byte) {
	switch c {
	case '(', '[', '{':
		o.depth++
	case ')', ']', '}':
		o.depth--
	}
}

func (o *outliner) token(last byte, word string) {
	o.last, o.word, o.newline = last, word, false
}

// endsStatement reports whether a line that ends with a token ending in c ends
// with an automatic semicolon. No declaration ends with ++ or --.
func endsStatement(c byte) bool {
	switch c {
	case ')', ']', '}', '"', '`', '\'':
		return true
	}
	return isLetter(c) || isDigit(c)
}

// skipBlock returns the index after the brace that closes the one at i, or -1.
func skipBlock(src []byte, i int) int {
	depth := 0
	for i < len(src) {
		switch c := src[i]; {
		case c == '{':
			depth++
			i++
		case c == '}':
			depth--
			i++
			if depth == 0 {
				return i
			}
		case c == '"' || c == '`' || c == '\'':
			if i = skipQuoted(src, i); i < 0 {
				return -1
			}
		case startsComment(src, i):
			if i = skipComment(src, i); i < 0 {
				return -1
			}
		default:
			i++
		}
	}
	return -1
}

// skipQuoted returns the index after the literal that begins at i, or -1.
func skipQuoted(src []byte, i int) int {
	quote := src[i]
	for i++; i < len(src); i++ {
		switch c := src[i]; {
		case c == quote:
			return i + 1
		case quote == '`':
		case c == '\\':
			i++
		case c == '\n':
			return -1
		}
	}
	return -1
}

func startsComment(src []byte, i int) bool {
	return src[i] == '/' && i+1 < len(src) && (src[i+1] == '/' || src[i+1] == '*')
}

// skipComment returns the index after the comment that begins at i, or -1. The
// line's end is not part of a line comment.
func skipComment(src []byte, i int) int {
	if src[i+1] == '/' {
		for i < len(src) && src[i] != '\n' {
			i++
		}
		return i
	}
	for i += 2; i+1 < len(src); i++ {
		if src[i] == '*' && src[i+1] == '/' {
			return i + 2
		}
	}
	return -1
}

// isLetter takes every byte outside ASCII for part of a letter, which is true
// of all text that the parser accepts outside of literals and comments.
func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= 0x80
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

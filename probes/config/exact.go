package main

import (
	"fmt"
	"log"
	"reflect"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// exact holds the text against a type: each key is that of a field, by the tag of this name, and each
// value is of the field's type without being converted.
func (d *document) exact(tag string, into any) {
	if d.root == nil {
		d.add(finding{Message: "the file is empty"})
		return
	}
	e := exactly{document: d, tag: tag}
	e.value(d.root, reflect.TypeOf(into).Elem(), nil)
}

type exactly struct {
	*document
	tag string
}

func (e *exactly) value(node *yaml.Node, t reflect.Type, path []any) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	// Nothing is the zero value of every type.
	if node.Tag == "!!null" {
		return
	}
	if t == reflect.TypeFor[time.Duration]() {
		e.duration(node, path)
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		if e.is(node, yaml.MappingNode, "keys and values", path) {
			e.fields(node, t, path)
		}
	case reflect.Map:
		if e.is(node, yaml.MappingNode, "keys and values", path) {
			e.entries(node, func(key string, value *yaml.Node) {
				e.value(value, t.Elem(), with(path, key))
			})
		}
	case reflect.Slice:
		if e.is(node, yaml.SequenceNode, "a list", path) {
			for i, item := range node.Content {
				e.value(item, t.Elem(), with(path, i))
			}
		}
	case reflect.String:
		e.scalar(node, "!!str", "a text", path)
	case reflect.Bool:
		e.scalar(node, "!!bool", "true or false", path)
	case reflect.Int, reflect.Int32, reflect.Int64:
		e.scalar(node, "!!int", "an integer", path)
	case reflect.Float64:
		if node.Tag != "!!int" {
			e.scalar(node, "!!float", "a number", path)
		}
	case reflect.Uint, reflect.Uint32, reflect.Uint64:
		e.scalar(node, "!!int", "an integer", path)
		if strings.HasPrefix(node.Value, "-") {
			e.add(finding{Message: "a negative number cannot stand here", Path: path})
		}
	default:
		log.Fatalf("the probe does not know what %s is in YAML", t)
	}
}

// duration is written with its unit; a bare number would be nanoseconds.
func (e *exactly) duration(node *yaml.Node, path []any) {
	if _, err := time.ParseDuration(node.Value); node.Kind != yaml.ScalarNode || err != nil {
		e.add(finding{Message: "a time with its unit should stand here, such as 5s", Path: path})
	}
}

func (e *exactly) fields(node *yaml.Node, t reflect.Type, path []any) {
	var known []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get(e.tag), ",")
		known = append(known, name)
	}
	e.entries(node, func(key string, value *yaml.Node) {
		// The loader takes no notice of case.
		i := slices.IndexFunc(known, func(name string) bool { return strings.EqualFold(name, key) })
		if i < 0 {
			e.add(finding{
				Message: fmt.Sprintf("the server reads no key %q here, so this line does nothing", key),
				Path:    with(path, key),
				Key:     true,
				Known:   known,
			})
			return
		}
		e.value(value, t.Field(i).Type, with(path, key))
	})
}

func (e *exactly) entries(node *yaml.Node, each func(key string, value *yaml.Node)) {
	for i := 0; i+1 < len(node.Content); i += 2 {
		each(node.Content[i].Value, node.Content[i+1])
	}
}

func (e *exactly) is(node *yaml.Node, kind yaml.Kind, wanted string, path []any) bool {
	if node.Kind != kind {
		e.add(finding{Message: wanted + " should stand here", Path: path})
	}
	return node.Kind == kind
}

func (e *exactly) scalar(node *yaml.Node, tag, wanted string, path []any) {
	if node.Kind != yaml.ScalarNode || node.Tag != tag {
		e.add(finding{Message: wanted + " should stand here", Path: path})
	}
}

// with returns the path with one more step, and leaves the path as it is.
func with(path []any, step any) []any {
	return append(slices.Clone(path), step)
}

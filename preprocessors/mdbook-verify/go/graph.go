package main

import "iter"

// reach returns start and everything that can be reached from it in steps of
// next.
func reach[T comparable](start iter.Seq[T], next func(T) []T) map[T]bool {
	reached := make(map[T]bool)
	var pending []T
	visit := func(v T) {
		if !reached[v] {
			reached[v] = true
			pending = append(pending, v)
		}
	}
	for v := range start {
		visit(v)
	}
	for len(pending) > 0 {
		v := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		for _, w := range next(v) {
			visit(w)
		}
	}
	return reached
}
